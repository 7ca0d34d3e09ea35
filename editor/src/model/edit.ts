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
} from "./flow";
import { freeId, idFor } from "./names";
import type { NodeTypes } from "./nodeType";
import { type Ends, endOf, overlap, portOf } from "./wiring";

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
  if (id === wanted || !document.nodes[id] || document.nodes[wanted]) return draft;
  const swap = (end: string) => {
    const { node, port } = splitEnd(end);
    return node === id ? (port ? `${wanted}.${port}` : wanted) : end;
  };
  const swapIn = (ids: string[]) => ids.map((other) => (other === id ? wanted : other));
  return {
    document: {
      ...document,
      nodes: renameKey(document.nodes, id, wanted),
      wires: wiresOf(document).map((w) => ({ ...w, from: swap(w.from), to: swap(w.to) })),
    },
    layout: {
      ...layout,
      nodes: renameKey(layout.nodes, id, wanted),
      groups: layout.groups.map((group) => ({ ...group, members: swapIn(group.members) })),
      pins: layout.pins.map((pin) => pin.split(">").map(swap).join(">")),
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
  if (wiresOf(draft.document).some((other) => wireKey(other) === wireKey(wire))) return draft;
  return withDocument(draft, { wires: [...wiresOf(draft.document), wire] });
}

/** Change a wire's queue: its overflow policy and capacity. */
export function setWire(
  draft: Draft,
  key: string,
  queue: Pick<WireSpec, "overflow" | "capacity">,
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
  const keepsEnds = (wire: WireSpec) =>
    !gone.has(splitEnd(wire.from).node) && !gone.has(splitEnd(wire.to).node);
  return {
    document: {
      ...document,
      nodes: without(document.nodes, gone),
      wires: wiresOf(document).filter((wire) => keepsEnds(wire) && !cut.has(wireKey(wire))),
    },
    layout: {
      ...layout,
      nodes: without(layout.nodes, gone),
      notes: layout.notes.filter((note) => !gone.has(note.id)),
      groups: layout.groups
        .filter((group) => !gone.has(group.id))
        .map((group) => ({ ...group, members: group.members.filter((id) => !gone.has(id)) }))
        .filter((group) => group.members.length > 0),
    },
  };
}

/** Remove nodes, and wire what was before each to what was behind it where kinds allow. */
export function removeAndHeal(draft: Draft, types: NodeTypes, selection: Selection): Draft {
  let next = draft;
  for (const id of selection.nodes) next = healOne(next, types, id);
  return remove(next, { nodes: [], wires: selection.wires });
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
  return (
    output !== undefined &&
    input !== undefined &&
    overlap(output.kinds, between.inputs[0].kinds) &&
    overlap(between.outputs[0].kinds, input.kinds)
  );
}

function healOne(draft: Draft, types: NodeTypes, id: string): Draft {
  const wires = wiresOf(draft.document);
  const before = wires.filter((wire) => splitEnd(wire.to).node === id);
  const behind = wires.filter((wire) => splitEnd(wire.from).node === id);
  let next = remove(draft, { nodes: [id], wires: [] });
  for (const { from } of before) {
    for (const { to } of behind) {
      const a = splitEnd(from);
      const b = splitEnd(to);
      const output = portOf(typeOf(next, types, a.node)?.outputs ?? [], a.port);
      const input = portOf(typeOf(next, types, b.node)?.inputs ?? [], b.port);
      if (output && input && overlap(output.kinds, input.kinds)) {
        next = connect(next, types, {
          source: a.node,
          output: a.port,
          target: b.node,
          input: b.port,
        });
      }
    }
  }
  return next;
}

function typeOf(draft: Draft, types: NodeTypes, id: string) {
  return types[draft.document.nodes[id]?.type ?? ""];
}

function keep(item: Item, settings: Record<string, unknown>): Item {
  const enabled = item.enabled === false ? { enabled: false } : {};
  return { type: item.type, ...enabled, ...settings };
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
