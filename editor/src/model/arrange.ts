/** Where nodes stand: laying out, aligning, distributing. */

import dagre from "@dagrejs/dagre";
import {
  type Draft,
  type FlowDocument,
  type Layout,
  type Point,
  splitEnd,
  wireKey,
  wiresOf,
} from "./flow";
import type { NodeTypes, Port } from "./nodeType";
import { type Columns, type Ends, type EndsOf, orderColumns } from "./order";

/** The size of a node's card, and the grid that it snaps to, in pixels. */
export const CARD = { width: 176, height: 64 };
export const GRID = 8;

/** A place for every node, left to right along the wires. */
export function layOut(document: FlowDocument, types: NodeTypes = {}): Record<string, Point> {
  const graph: Columns = new dagre.graphlib.Graph();
  const ends = new Map<string, Ends>();
  graph.setGraph({ rankdir: "LR", nodesep: 28, ranksep: 84, marginx: 40, marginy: 40 });
  for (const id of Object.keys(document.nodes)) graph.setNode(id, { ...CARD });
  for (const wire of wiresOf(document)) {
    const from = splitEnd(wire.from);
    const to = splitEnd(wire.to);
    const [source, target] = [document.nodes[from.node], document.nodes[to.node]];
    if (!source || !target || from.node === to.node) continue;
    ends.set(wireKey({ from: from.node, to: to.node }), {
      out: heightOf(types[source.type]?.outputs, from.port),
      in: heightOf(types[target.type]?.inputs, to.port),
    });
    graph.setEdge(from.node, to.node, {});
  }
  const endsOf: EndsOf = (from, to) => ends.get(wireKey({ from, to }));
  dagre.layout(graph, { customOrder: (columns, given) => orderColumns(columns, given, endsOf) });
  return Object.fromEntries(
    Object.keys(document.nodes).map((id) => {
      const { x = 0, y = 0 } = graph.node(id);
      return [id, snap({ x: x - CARD.width / 2, y: y - CARD.height / 2 })];
    }),
  );
}

/** How far down its card a port is, from 0 to 1; the first where none is named. */
export function heightOf(ports: readonly Port[] = [], name: string): number {
  const at = name === "" ? 0 : ports.findIndex((port) => port.name === name);
  return (Math.max(0, at) + 1) / (Math.max(1, ports.length) + 1);
}

/** A layout in which every node has a place: those without get one, the others keep theirs. */
export function complete(document: FlowDocument, layout: Layout, types: NodeTypes = {}): Layout {
  const ids = Object.keys(document.nodes);
  if (ids.every((id) => layout.nodes[id])) return layout;
  const placed = layOut(document, types);
  const known = ids.some((id) => layout.nodes[id]);
  if (!known) return { ...layout, nodes: { ...placed } };
  const bottom = Math.max(...ids.map((id) => layout.nodes[id]?.y ?? 0)) + 120;
  const nodes = { ...layout.nodes };
  for (const id of ids) {
    const spot = placed[id];
    if (!nodes[id] && spot) nodes[id] = { x: spot.x, y: spot.y + bottom };
  }
  return { ...layout, nodes };
}

export type Edge = "left" | "right" | "top" | "bottom" | "middle" | "centre";

/** The nodes in one line. */
export function align(draft: Draft, ids: string[], edge: Edge): Record<string, Point> {
  const points = ids.flatMap((id) => draft.layout.nodes[id] ?? []);
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const line = {
    left: { x: Math.min(...xs) },
    right: { x: Math.max(...xs) },
    top: { y: Math.min(...ys) },
    bottom: { y: Math.max(...ys) },
    middle: { y: mean(ys) },
    centre: { x: mean(xs) },
  }[edge];
  return place(draft, ids, (point) => ({ ...point, ...line }));
}

/** The nodes with the same distance from one to the next. */
export function distribute(draft: Draft, ids: string[], axis: "x" | "y"): Record<string, Point> {
  const sorted = ids
    .filter((id) => draft.layout.nodes[id])
    .sort((a, b) => coordinate(draft, a, axis) - coordinate(draft, b, axis));
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined || sorted.length < 3) return {};
  const from = coordinate(draft, first, axis);
  const step = (coordinate(draft, last, axis) - from) / (sorted.length - 1);
  return place(draft, sorted, (point, index) => ({ ...point, [axis]: from + step * index }));
}

/** The box around everything that is drawn; undefined for an empty drawing. */
export function boundsOf({ nodes, notes }: Layout) {
  const boxes = [...Object.values(nodes).map((point) => ({ ...point, ...CARD })), ...notes];
  if (boxes.length === 0) return undefined;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** A point on the grid. */
export function snap({ x, y }: Point): Point {
  return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID };
}

function place(
  draft: Draft,
  ids: string[],
  move: (point: Point, index: number) => Point,
): Record<string, Point> {
  return Object.fromEntries(
    ids.flatMap((id, index) => {
      const point = draft.layout.nodes[id];
      return point ? [[id, snap(move(point, index))]] : [];
    }),
  );
}

function coordinate(draft: Draft, id: string, axis: "x" | "y"): number {
  return draft.layout.nodes[id]?.[axis] ?? 0;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
