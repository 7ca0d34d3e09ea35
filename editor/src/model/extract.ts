/** A part of a flow as a subflow: its nodes in a flow of their own, one node in their place. */

import { layOut, snap } from "./arrange";
import {
  type Draft,
  type FlowDocument,
  type Item,
  type Parameter,
  splitEnd,
  type WireSpec,
  wiresOf,
} from "./flow";
import { freeId, idFor } from "./names";
import type { NodeTypes } from "./nodeType";

/** The flow with one node for those that were taken out, that node's id, and the subflow. */
export interface Extracted {
  outer: Draft;
  id: string;
  inner: FlowDocument;
}

/** A wire that leads into the selection, or out of it, by the port that it gets. */
interface Crossing {
  wire: WireSpec;
  port: string;
}

/** Take nodes out into a subflow of a name. Every wire is kept: those that cross its edge go by its ports. */
export function extract(
  draft: Draft,
  types: NodeTypes,
  ids: readonly string[],
  name: string,
): Extracted {
  const { document, layout } = draft;
  const isIn = (end: string) => ids.includes(splitEnd(end).node);
  const moved = entries(document.nodes, (id) => ids.includes(id));
  const stay = entries(document.nodes, (id) => !ids.includes(id));
  const wires = wiresOf(document);
  const inward = crossings(
    wires.filter((wire) => !isIn(wire.from) && isIn(wire.to)),
    moved,
  );
  const outward = crossings(
    wires.filter((wire) => isIn(wire.from) && !isIn(wire.to)),
    { ...moved, ...byPort(inward) },
  );
  const type = `flow/${name}`;
  const id = freeId(idFor(type), stay);
  const { items, given } = withParameters(moved, types);
  const inner: FlowDocument = {
    flowrt: 1,
    name,
    description: `Of ${document.name}: ${Object.keys(moved).join(", ")}`,
    parameters: Object.fromEntries(given.map((one): [string, Parameter] => [one, {}])),
    nodes: {
      ...ports(inward, "core/input"),
      ...items,
      ...ports(outward, "core/output"),
    },
    wires: [
      ...inward.map(({ wire, port }) => ({ ...wire, from: port })),
      ...wires.filter((wire) => isIn(wire.from) && isIn(wire.to)),
      ...once(outward).map(({ wire, port }) => ({ from: wire.from, to: port })),
    ],
  };
  const call: Item = { type, ...Object.fromEntries(given.map((one) => [one, one])) };
  const at = middle(ids.flatMap((one) => layout.nodes[one] ?? []));
  const outer: FlowDocument = {
    ...document,
    nodes: { ...stay, [id]: call },
    wires: [
      ...wires.filter((wire) => !isIn(wire.from) && !isIn(wire.to)),
      ...once(inward).map(({ wire, port }) => ({ from: wire.from, to: `${id}.${port}` })),
      ...outward.map(({ wire, port }) => ({ ...wire, from: `${id}.${port}` })),
    ],
  };
  const groups = layout.groups
    .map((group) => ({ ...group, members: group.members.filter((one) => !ids.includes(one)) }))
    .filter(({ members }) => members.length > 0);
  const nodes = { ...entries(layout.nodes, (one) => !ids.includes(one)), [id]: snap(at) };
  return { outer: { document: outer, layout: { ...layout, nodes, groups } }, id, inner };
}

/** Where the nodes of a subflow stand. */
export function layOutInner({ inner }: Extracted, types: NodeTypes) {
  return { nodes: layOut(inner, types), notes: [], groups: [], pins: [] };
}

/** A port for each output that wires come from, named like its node. */
function crossings(wires: readonly WireSpec[], taken: Record<string, unknown>): Crossing[] {
  const names = new Map<string, string>();
  const all: Record<string, unknown> = { ...taken };
  for (const { from } of wires) {
    if (names.has(from)) continue;
    const { node, port } = splitEnd(from);
    const wanted = port === "" || port === "out" ? node : `${node}_${port.replace(/\W/g, "_")}`;
    const name = freeId(Object.hasOwn(taken, wanted) ? `${wanted}_out` : wanted, all);
    names.set(from, name);
    all[name] = true;
  }
  return wires.map((wire) => ({ wire, port: names.get(wire.from) ?? "" }));
}

/** One crossing for each port. */
function once(all: readonly Crossing[]): Crossing[] {
  return all.filter(({ port }, at) => all.findIndex((other) => other.port === port) === at);
}

function byPort(all: readonly Crossing[]): Record<string, Crossing> {
  return Object.fromEntries(all.map((one) => [one.port, one]));
}

function ports(all: readonly Crossing[], type: string): Record<string, Item> {
  return Object.fromEntries(once(all).map(({ port }) => [port, { type }]));
}

/** The nodes with the resources that they use as parameters, and these resources. */
function withParameters(nodes: Record<string, Item>, types: NodeTypes) {
  const given = new Set<string>();
  const items = Object.entries(nodes).map(([id, item]): [string, Item] => {
    const properties = types[item.type]?.settings.properties ?? {};
    const settings = Object.entries(item).map(([key, value]) => {
      if (!properties[key]?.["x-resource"] || typeof value !== "string") return [key, value];
      given.add(value);
      return [key, `\${${value}}`];
    });
    return [id, Object.fromEntries(settings) as Item];
  });
  return { items: Object.fromEntries(items), given: [...given] };
}

function entries<T>(of: Record<string, T>, wanted: (id: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(of).filter(([id]) => wanted(id)));
}

function middle(points: { x: number; y: number }[]): { x: number; y: number } {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  return { x: mean(points.map(({ x }) => x)), y: mean(points.map(({ y }) => y)) };
}
