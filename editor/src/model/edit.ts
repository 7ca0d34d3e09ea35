/** Changes of a draft: each gives a new draft and leaves the old one as it is, for undo. */

import {
  type Draft,
  type FlowDocument,
  type Item,
  type Point,
  splitEnd,
  type WireSpec,
  wireKey,
  wiresOf,
  withNodeIds,
} from "./flow";
import { freeId, idFor } from "./names";
import type { NodeTypes } from "./nodeType";
import { canonical, carried, type Ends, endOf, overlap, passesOn, portOf, refusal } from "./wiring";

/** Nodes and wires to act on; wires by key. */
export interface Selection {
  nodes: string[];
  wires: string[];
}

function withDocument(draft: Draft, change: Partial<FlowDocument>): Draft {
  return { ...draft, document: { ...draft.document, ...change } };
}

/** Place a new node; its id is made from its type, or the given one made free. */
export function addNode(
  draft: Draft,
  item: Item,
  at: Point,
  wanted: string = idFor(item.type),
): { draft: Draft; id: string } {
  const id = freeId(wanted, draft.document.nodes);
  const next = withDocument(draft, { nodes: { ...draft.document.nodes, [id]: item } });
  return { draft: moveNodes(next, { [id]: at }), id };
}

/** Put nodes elsewhere. */
export function moveNodes(draft: Draft, points: Record<string, Point>): Draft {
  return { ...draft, layout: { ...draft.layout, nodes: { ...draft.layout.nodes, ...points } } };
}

/** Replace a node's settings; its type and whether it is enabled stay. */
export function setSettings(draft: Draft, id: string, settings: Record<string, unknown>): Draft {
  const item = draft.document.nodes[id];
  if (!item) return draft;
  return withDocument(draft, { nodes: { ...draft.document.nodes, [id]: keep(item, settings) } });
}

/** Replace a resource, or create it. */
export function setResource(draft: Draft, id: string, item: Item): Draft {
  return withDocument(draft, { resources: { ...draft.document.resources, [id]: item } });
}

/** Remove a resource; nodes that use it keep its name, and the check tells. */
export function removeResource(draft: Draft, id: string): Draft {
  const { [id]: _gone, ...resources } = draft.document.resources ?? {};
  return withDocument(draft, { resources });
}

/** Leave nodes out of the running flow, or take them in again. */
export function setEnabled(draft: Draft, ids: string[], enabled: boolean): Draft {
  const nodes = { ...draft.document.nodes };
  for (const id of ids) {
    const item = nodes[id];
    if (!item) continue;
    const { enabled: _was, ...rest } = item;
    nodes[id] = enabled ? (rest as Item) : disabled(rest as Item);
  }
  return withDocument(draft, { nodes });
}

/** Give a node another id, in wires, groups and layout too. */
export function rename(draft: Draft, id: string, wanted: string): Draft {
  const { document, layout } = draft;
  if (!Object.hasOwn(document.nodes, id) || Object.hasOwn(document.nodes, wanted)) return draft;
  const swapId = (other: string) => (other === id ? wanted : other);
  const swap = (end: string) => {
    const { node, port } = splitEnd(end);
    return node === id ? (port ? `${wanted}.${port}` : wanted) : end;
  };
  const moved = wiresOf(document).map((w) => ({ ...w, from: swap(w.from), to: swap(w.to) }));
  // By wire: an id that was imported may hold the sign between the ends of a key.
  const keys = new Map(wiresOf(document).map((w, at) => [wireKey(w), wireKey(moved[at] ?? w)]));
  const nodes = Object.entries(document.nodes).map(([key, item]) => [
    swapId(key),
    withNodeIds(item, swapId),
  ]);
  return {
    document: {
      ...document,
      nodes: Object.fromEntries(nodes),
      wires: moved,
    },
    layout: {
      ...layout,
      nodes: renameKey(layout.nodes, id, wanted),
      groups: layout.groups.map((group) => ({ ...group, members: group.members.map(swapId) })),
      pins: layout.pins.map((pin) => keys.get(pin) ?? pin),
    },
  };
}

/** Draw a wire. */
export function connect(draft: Draft, types: NodeTypes, ends: Ends): Draft {
  const { nodes } = draft.document;
  const from = types[nodes[ends.source]?.type ?? ""]?.outputs ?? [];
  const to = types[nodes[ends.target]?.type ?? ""]?.inputs ?? [];
  const wire = {
    from: endOf(ends.source, ends.output, from),
    to: endOf(ends.target, ends.input, to),
  };
  const isThere = wiresOf(draft.document).some(
    (other) => wireKey(canonical(draft.document, types, other)) === wireKey(wire),
  );
  if (isThere) return draft;
  return withDocument(draft, { wires: [...wiresOf(draft.document), wire] });
}

/** Change a wire's queue: its overflow policy and capacity. */
export function setWire(
  draft: Draft,
  key: string,
  queue: Pick<WireSpec, "overflow" | "capacity" | "journal">,
): Draft {
  const wires = wiresOf(draft.document).map((wire) =>
    wireKey(wire) === key ? { from: wire.from, to: wire.to, ...queue } : wire,
  );
  return withDocument(draft, { wires });
}

/** Remove nodes and wires, with every wire that ends at a removed node. */
export function remove(draft: Draft, selection: Selection): Draft {
  const gone = new Set(selection.nodes);
  const cut = new Set(selection.wires);
  const { document, layout } = draft;
  const isGone = (wire: WireSpec) =>
    gone.has(splitEnd(wire.from).node) ||
    gone.has(splitEnd(wire.to).node) ||
    cut.has(wireKey(wire));
  const unpinned = new Set(wiresOf(document).filter(isGone).map(wireKey));
  return {
    document: {
      ...document,
      nodes: without(document.nodes, gone),
      wires: wiresOf(document).filter((wire) => !isGone(wire)),
    },
    layout: {
      ...layout,
      nodes: without(layout.nodes, gone),
      notes: layout.notes.filter((note) => !gone.has(note.id)),
      groups: layout.groups
        .filter((group) => !gone.has(group.id))
        .map((group) => ({ ...group, members: group.members.filter((id) => !gone.has(id)) }))
        .filter((group) => group.members.length > 0),
      pins: layout.pins.filter((pin) => !unpinned.has(pin)),
    },
  };
}

/** Remove nodes, and wire what was before them to what was behind them where kinds allow. */
export function removeAndHeal(draft: Draft, types: NodeTypes, selection: Selection): Draft {
  const bypasses = wiresPast(wiresOf(draft.document), new Set(selection.nodes));
  return bypasses.reduce((next, wire) => bypass(next, types, wire), remove(draft, selection));
}

/** Put a node into a wire: the wire goes in at its first input and on from its first output. */
export function splice(draft: Draft, types: NodeTypes, key: string, id: string): Draft {
  const wire = wiresOf(draft.document).find((other) => wireKey(other) === key);
  const type = types[draft.document.nodes[id]?.type ?? ""];
  if (!wire || !type?.inputs[0] || !type.outputs[0]) return draft;
  const { overflow, capacity, ...ends } = wire;
  const queue = {
    ...(overflow === undefined ? {} : { overflow }),
    ...(capacity === undefined ? {} : { capacity }),
  };
  const wires = wiresOf(draft.document).flatMap((other) =>
    wireKey(other) === key
      ? [
          { from: ends.from, to: id },
          { from: id, to: ends.to, ...queue },
        ]
      : [other],
  );
  return withDocument(draft, { wires });
}

/** Whether a node can stand in a wire. */
export function canSplice(draft: Draft, types: NodeTypes, key: string, type: string): boolean {
  const wire = wiresOf(draft.document).find((other) => wireKey(other) === key);
  const between = types[type];
  if (!wire || !between?.inputs[0] || !between.outputs[0]) return false;
  const from = splitEnd(wire.from);
  const to = splitEnd(wire.to);
  const { nodes } = draft.document;
  const output = portOf(types[nodes[from.node]?.type ?? ""]?.outputs ?? [], from.port);
  const input = portOf(types[nodes[to.node]?.type ?? ""]?.inputs ?? [], to.port);
  if (!output || !input) return false;
  const given = carried(draft.document, types, from.node, output);
  const { kinds } = between.outputs[0];
  const passed = kinds.length === 0 && passesOn(between) ? given : kinds;
  return overlap(given, between.inputs[0].kinds) && overlap(passed, input.kinds);
}

/** A wire from each that leads into the nodes to each that leads out, with the latter's queue. */
function wiresPast(wires: readonly WireSpec[], gone: ReadonlySet<string>): WireSpec[] {
  const source = (wire: WireSpec) => splitEnd(wire.from).node;
  const target = (wire: WireSpec) => splitEnd(wire.to).node;
  const wiresOut = (first: string) => {
    const inside = new Set([first]);
    for (const id of inside) {
      for (const wire of wires) {
        if (source(wire) === id && gone.has(target(wire))) inside.add(target(wire));
      }
    }
    return wires.filter((wire) => inside.has(source(wire)) && !gone.has(target(wire)));
  };
  return wires
    .filter((wire) => !gone.has(source(wire)) && gone.has(target(wire)))
    .flatMap((wire) => wiresOut(target(wire)).map((behind) => ({ ...behind, from: wire.from })));
}

function bypass(draft: Draft, types: NodeTypes, wire: WireSpec): Draft {
  const { document } = draft;
  const [from, to] = [splitEnd(wire.from), splitEnd(wire.to)];
  const isKnown = [from, to].every(({ node }) => types[document.nodes[node]?.type ?? ""]);
  const ends = { source: from.node, output: from.port, target: to.node, input: to.port };
  if (!isKnown || from.node === to.node || refusal(document, types, ends)) return draft;
  return withDocument(draft, { wires: [...wiresOf(document), wire] });
}

function keep(item: Item, settings: Record<string, unknown>): Item {
  const { type: _type, enabled: _enabled, ...rest } = settings;
  const enabled = item.enabled === false ? { enabled: false } : {};
  return { type: item.type, ...enabled, ...rest };
}

/** `enabled` stands right behind the type, where a reader of the file sees it. */
function disabled({ type, ...settings }: Item): Item {
  return { type, enabled: false, ...settings };
}

function renameKey<T>(of: Record<string, T>, from: string, to: string): Record<string, T> {
  return Object.fromEntries(
    Object.entries(of).map(([key, value]) => [key === from ? to : key, value]),
  );
}

function without<T>(of: Record<string, T>, gone: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries(Object.entries(of).filter(([key]) => !gone.has(key)));
}
