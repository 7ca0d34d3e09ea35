/** The drawing as React Flow's nodes and edges. */

import type { Edge, Node } from "@xyflow/react";
import { CARD, heightOf } from "../model/arrange";
import { type Box, cardsOf, lane } from "../model/detour";
import { type Draft, type Group, type Point, splitEnd, wireKey, wiresOf } from "../model/flow";
import type { NodeTypes } from "../model/nodeType";
import { carried, portOf } from "../model/wiring";

export type CanvasNode = Node<Record<string, unknown>, "card" | "note" | "group">;

/** What a wire carries, for its colour; `any` where that is not one kind. */
export interface WireData extends Record<string, unknown> {
  kind: string;
  port: string;
  /** The height at which it passes the cards in its way, if any are. */
  lane?: number | undefined;
}
export type CanvasEdge = Edge<WireData, "wire">;

const AROUND = 20;
const TITLE = 22;

/** Nodes, notes and groups; groups first, so that they lie behind. */
export function canvasNodes(draft: Draft, before: ReadonlyMap<string, CanvasNode>): CanvasNode[] {
  const { document, layout } = draft;
  const made: CanvasNode[] = layout.groups.map((group) => {
    const box = frameAround(group, layout.nodes, before);
    return {
      id: group.id,
      type: "group",
      position: { x: box.x, y: box.y },
      width: box.width,
      height: box.height,
      data: {},
      zIndex: -2,
      connectable: false,
    };
  });
  for (const note of layout.notes) {
    made.push({
      id: note.id,
      type: "note",
      position: { x: note.x, y: note.y },
      width: note.width,
      height: note.height,
      data: {},
      zIndex: -1,
      connectable: false,
    });
  }
  for (const id of Object.keys(document.nodes)) {
    made.push({
      id,
      type: "card",
      position: layout.nodes[id] ?? { x: 0, y: 0 },
      // A card that was never in sight is not measured, but counts when the view is fitted.
      initialWidth: CARD.width,
      initialHeight: CARD.height,
      data: {},
    });
  }
  return made.map((node) => keepMeasured(node, before.get(node.id)));
}

/** The wires; one whose port is not there ends at the node's first. */
export function canvasEdges(
  { document, layout }: Draft,
  types: NodeTypes,
  selected: string[],
): CanvasEdge[] {
  const cards = cardsOf(layout.nodes);
  return wiresOf(document).flatMap((wire) => {
    const from = splitEnd(wire.from);
    const to = splitEnd(wire.to);
    const source = document.nodes[from.node];
    const target = document.nodes[to.node];
    if (!source || !target) return [];
    const outputs = types[source.type]?.outputs ?? [];
    const output = portOf(outputs, from.port);
    const inputs = types[target.type]?.inputs ?? [];
    const input = portOf(inputs, to.port);
    const kinds = output ? carried(document, types, from.node, output) : [];
    const key = wireKey(wire);
    return [
      {
        id: key,
        type: "wire" as const,
        source: from.node,
        target: to.node,
        sourceHandle: output?.name ?? null,
        targetHandle: input?.name ?? null,
        selected: selected.includes(key),
        data: {
          kind: kinds.length === 1 ? (kinds[0] as string) : "any",
          port: output?.name ?? "out",
          lane: laneOf(
            spotOf(layout.nodes[from.node], heightOf(outputs, output?.name ?? "")),
            spotOf(layout.nodes[to.node], heightOf(inputs, input?.name ?? "")),
            cards,
          ),
        },
        ariaLabel: `${wire.from} → ${wire.to}`,
      },
    ];
  });
}

/** The left end of a port's height on a card. */
function spotOf(card: Point | undefined, height: number): Point | undefined {
  return card && { x: card.x, y: card.y + CARD.height * height };
}

function laneOf(source: Point | undefined, target: Point | undefined, cards: Box[]) {
  if (!source || !target) return undefined;
  return lane({ x: source.x + CARD.width, y: source.y }, target, cards);
}

function keepMeasured(node: CanvasNode, was: CanvasNode | undefined): CanvasNode {
  if (!was) return node;
  return {
    ...node,
    ...(was.measured && node.type === "card" ? { measured: was.measured } : {}),
    selected: was.selected ?? false,
  };
}

function frameAround(
  group: Group,
  points: Record<string, Point>,
  before: ReadonlyMap<string, CanvasNode>,
) {
  const boxes = group.members.flatMap((id) => {
    const point = points[id];
    const size = before.get(id)?.measured;
    return point
      ? [{ ...point, width: size?.width ?? CARD.width, height: size?.height ?? CARD.height }]
      : [];
  });
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const left = Math.min(...boxes.map((box) => box.x)) - AROUND;
  const top = Math.min(...boxes.map((box) => box.y)) - AROUND - TITLE;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + AROUND;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + AROUND;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
