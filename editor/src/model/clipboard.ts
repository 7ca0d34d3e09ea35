/** Parts of a flow as JSON: what copy takes and paste brings. */

import {
  type Draft,
  type Item,
  type Point,
  splitEnd,
  toLayout,
  type WireSpec,
  wiresOf,
  withNodeIds,
} from "./flow";
import { freeId } from "./names";
import { parseFlow } from "./parse";
import { same } from "./same";

/** Nodes with the wires between them, the resources they use, and where they stood. */
export interface Fragment {
  flowrt: 1;
  fragment: true;
  nodes: Record<string, Item>;
  resources: Record<string, Item>;
  wires: WireSpec[];
  positions: Record<string, Point>;
}

/** What is selected, as a fragment. */
export function copy(draft: Draft, ids: readonly string[]): Fragment {
  const { document, layout } = draft;
  const nodes = pick(document.nodes, ids);
  const named = new Set(Object.values(nodes).flatMap((item) => Object.values(item)));
  const used = Object.keys(document.resources ?? {}).filter((id) => named.has(id));
  return {
    flowrt: 1,
    fragment: true,
    nodes,
    resources: pick(document.resources ?? {}, used),
    wires: wiresOf(document).filter(
      ({ from, to }) =>
        Object.hasOwn(nodes, splitEnd(from).node) && Object.hasOwn(nodes, splitEnd(to).node),
    ),
    positions: pick(layout.nodes, ids),
  };
}

/** A fragment from pasted text: one of ours, or a whole flow; throws NotAFlow. */
export function parseFragment(text: string): Fragment {
  const value = safeParse(text) as Partial<Fragment> | null | undefined;
  const isOurs = value?.fragment === true;
  const flow = parseFlow(isOurs ? JSON.stringify({ ...value, name: "fragment" }) : text);
  return {
    flowrt: 1,
    fragment: true,
    nodes: flow.nodes,
    resources: flow.resources ?? {},
    wires: wiresOf(flow),
    positions: isOurs ? toLayout({ nodes: value.positions }).nodes : {},
  };
}

/** Put a fragment into a draft, its top left corner at a point; ids that are taken get a number. */
export function paste(
  draft: Draft,
  fragment: Fragment,
  at: Point,
): { draft: Draft; ids: string[] } {
  const { document, layout } = draft;
  const nodes = { ...document.nodes };
  const resources = { ...document.resources };
  const positions = { ...layout.nodes };
  const resourceIds = addResources(resources, fragment.resources);
  const ids: Record<string, string> = Object.create(null); // a text may be `constructor`
  const origin = topLeft(Object.values(fragment.positions));
  let row = 0;
  for (const [id, item] of Object.entries(fragment.nodes)) {
    const fresh = freeId(id, nodes);
    ids[id] = fresh;
    nodes[fresh] = renameResources(item, resourceIds);
    const was = fragment.positions[id] ?? { x: origin.x, y: origin.y + 90 * row++ };
    positions[fresh] = { x: at.x + was.x - origin.x, y: at.y + was.y - origin.y };
  }
  for (const id of Object.values(ids)) {
    nodes[id] = withNodeIds(nodes[id] as Item, (named) => ids[named] ?? named);
  }
  const wires = [...wiresOf(document), ...fragment.wires.map((wire) => moveWire(wire, ids))];
  return {
    draft: {
      document: { ...document, nodes, resources, wires },
      layout: { ...layout, nodes: positions },
    },
    ids: Object.values(ids),
  };
}

function addResources(
  into: Record<string, Item>,
  brought: Record<string, Item>,
): Record<string, string> {
  const ids: Record<string, string> = Object.create(null); // a text may be `constructor`
  for (const [id, item] of Object.entries(brought)) {
    const fresh = same(into[id], item) ? id : freeId(id, into);
    ids[id] = fresh;
    into[fresh] = item;
  }
  return ids;
}

function renameResources(item: Item, ids: Record<string, string>): Item {
  const entries = Object.entries(item).map(([key, value]) => [
    key,
    key !== "type" && typeof value === "string" && value in ids ? ids[value] : value,
  ]);
  return Object.fromEntries(entries) as Item;
}

function moveWire(wire: WireSpec, ids: Record<string, string>): WireSpec {
  const move = (end: string) => {
    const { node, port } = splitEnd(end);
    return port ? `${ids[node] ?? node}.${port}` : (ids[node] ?? node);
  };
  return { ...wire, from: move(wire.from), to: move(wire.to) };
}

function topLeft(points: Point[]): Point {
  if (points.length === 0) return { x: 0, y: 0 };
  return { x: Math.min(...points.map((p) => p.x)), y: Math.min(...points.map((p) => p.y)) };
}

function pick<T>(of: Record<string, T>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(
    keys.flatMap((key) => (Object.hasOwn(of, key) ? [[key, of[key] as T]] : [])),
  );
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // parseFlow says what is wrong with it
  }
}
