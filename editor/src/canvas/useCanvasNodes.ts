/** The nodes as they are drawn: the draft's, and while one is dragged where the hand has it. */

import { applyNodeChanges, type NodeChange } from "@xyflow/react";
import { useCallback, useEffect, useState } from "react";
import { edit } from "../app/editing";
import { spliceable, wireUnder } from "../app/placing";
import { activeDraft, change, read, useStore } from "../app/store";
import { moveNodes, splice } from "../model/edit";
import type { Draft, Point } from "../model/flow";
import { type CanvasNode, canvasNodes } from "./elements";

export function useCanvasNodes(draft: Draft | undefined) {
  const [nodes, setNodes] = useState<CanvasNode[]>([]);
  const selected = useStore((state) => state.selection.nodes);

  useEffect(() => {
    setNodes((before) =>
      draft ? canvasNodes(draft, new Map(before.map((node) => [node.id, node]))) : [],
    );
  }, [draft]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing needs its marks again
  useEffect(() => {
    setNodes((before) => mark(before, new Set(selected)));
  }, [selected, draft]);

  const onNodesChange = useCallback((changes: NodeChange<CanvasNode>[]) => {
    setNodes((before) => applyNodeChanges(moveGroups(changes, before), before));
    select(changes);
    commitKeys(changes);
  }, []);

  return { nodes, onNodesChange, onNodeDragStop: dropped };
}

function mark(nodes: CanvasNode[], selected: ReadonlySet<string>): CanvasNode[] {
  let moved = false;
  const next = nodes.map((node) => {
    const is = selected.has(node.id);
    if ((node.selected ?? false) === is) return node;
    moved = true;
    return { ...node, selected: is };
  });
  return moved ? next : nodes;
}

function select(changes: NodeChange<CanvasNode>[]): void {
  const picks = changes.filter((one) => one.type === "select");
  if (picks.length === 0) return;
  const ids = new Set(read().selection.nodes);
  for (const { id, selected } of picks) {
    if (selected) ids.add(id);
    else ids.delete(id);
  }
  change((state) => ({ selection: { ...state.selection, nodes: [...ids] } }));
}

/** Arrow keys move nodes without a drag. */
function commitKeys(changes: NodeChange<CanvasNode>[]): void {
  const points: Record<string, Point> = {};
  for (const one of changes) {
    if (one.type === "position" && one.dragging === false && one.position) {
      points[one.id] = one.position;
    }
  }
  commit(points, "keys");
}

/** A group's members move with it. */
function moveGroups(
  changes: NodeChange<CanvasNode>[],
  nodes: CanvasNode[],
): NodeChange<CanvasNode>[] {
  const groups = activeDraft()?.layout.groups ?? [];
  if (groups.length === 0) return changes;
  const moving = new Set(changes.flatMap((one) => (one.type === "position" ? [one.id] : [])));
  return changes.flatMap((one) => {
    const group = one.type === "position" ? groups.find(({ id }) => id === one.id) : undefined;
    const was = group && nodes.find((node) => node.id === group.id)?.position;
    if (one.type !== "position" || !group || !was || !one.position) return [one];
    const by = { x: one.position.x - was.x, y: one.position.y - was.y };
    const members = nodes.filter((node) => group.members.includes(node.id) && !moving.has(node.id));
    return [
      one,
      ...members.map((node) => ({
        type: "position" as const,
        id: node.id,
        position: { x: node.position.x + by.x, y: node.position.y + by.y },
        ...(one.dragging === undefined ? {} : { dragging: one.dragging }),
      })),
    ];
  });
}

function commit(points: Record<string, Point>, key = ""): void {
  if (Object.keys(points).length === 0) return;
  edit((draft) => {
    const cards = pick(points, (id) => id in draft.document.nodes);
    const notes = draft.layout.notes.map((note) => ({ ...note, ...points[note.id] }));
    const moved = Object.entries(cards).some(([id, at]) => !samePoint(draft.layout.nodes[id], at));
    const movedNotes = draft.layout.notes.some((n) => points[n.id] && !samePoint(n, points[n.id]));
    if (!moved && !movedNotes) return draft;
    const next = moveNodes(draft, cards);
    return { ...next, layout: { ...next.layout, notes } };
  }, key);
}

/** A drag ended: keep where everything is, and splice a loose node into the wire it lies on. */
function dropped(event: MouseEvent | TouchEvent | React.MouseEvent, node: CanvasNode): void {
  const point = "changedTouches" in event ? event.changedTouches[0] : event;
  const key = wireUnder(point?.clientX ?? 0, point?.clientY ?? 0);
  const draft = activeDraft();
  if (node.type !== "card" || !key || !draft || !spliceable(draft, node.id, key)) return;
  edit((now) => splice(now, read().types, key, node.id));
}

function samePoint(a: Point | undefined, b: Point | undefined): boolean {
  return a?.x === b?.x && a?.y === b?.y;
}

function pick<T>(of: Record<string, T>, test: (id: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(of).filter(([id]) => test(id)));
}
