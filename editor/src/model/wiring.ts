/** Which wires can be: a first answer while drawing. The runtime's check has the last word. */

import { type FlowDocument, splitEnd, wireKey, wiresOf } from "./flow";
import type { Kind, NodeType, NodeTypes, Port } from "./nodeType";

/** Why a wire cannot be, and a type that would help between. */
export interface Refusal {
  reason: string;
  between?: string;
}

export interface Ends {
  source: string;
  output: string;
  target: string;
  input: string;
}

/** What turns one kind into another, where the packs have it. */
const BETWEEN: Partial<Record<Kind, Partial<Record<Kind, string>>>> = {
  frame: { signals: "can/decode" },
  signals: { frame: "can/encode", event: "logic/threshold" },
};

/** The named port, or the first one. */
export function portOf(ports: Port[], name: string): Port | undefined {
  return name === "" ? ports[0] : ports.find((port) => port.name === name);
}

/** How an end is written: the node alone means its first port. */
export function endOf(node: string, port: string, ports: Port[]): string {
  return port === "" || ports[0]?.name === port ? node : `${node}.${port}`;
}

/** Why this wire cannot be drawn; null where it can. */
export function refusal(document: FlowDocument, types: NodeTypes, ends: Ends): Refusal | null {
  const from = types[document.nodes[ends.source]?.type ?? ""];
  const to = types[document.nodes[ends.target]?.type ?? ""];
  if (!from || !to) return null; // a type that is not known here: the runtime will say
  const output = portOf(from.outputs, ends.output);
  const input = portOf(to.inputs, ends.input);
  if (!output) return { reason: `${ends.source} has no output.` };
  if (!input) return { reason: `${ends.target} is a source: nothing can be wired into it.` };
  const wanted = wireKey({
    from: endOf(ends.source, output.name, from.outputs),
    to: endOf(ends.target, input.name, to.inputs),
  });
  if (wiresOf(document).some((wire) => wireKey(canonical(document, types, wire)) === wanted)) {
    return { reason: "The same wire is there already." };
  }
  return kindRefusal(ends, carried(document, types, ends.source, output), input, to);
}

/** The kinds that leave an output; a node that passes anything on gives what reaches it. */
export function carried(
  document: FlowDocument,
  types: NodeTypes,
  id: string,
  output: Port,
  seen: ReadonlySet<string> = new Set(),
): Kind[] {
  const type = types[document.nodes[id]?.type ?? ""];
  if (output.kinds.length > 0 || !type || !passesOn(type) || seen.has(id)) return output.kinds;
  const arriving = new Set<Kind>();
  for (const wire of wiresOf(document)) {
    if (splitEnd(wire.to).node !== id) continue;
    const from = splitEnd(wire.from);
    const port = portOf(types[document.nodes[from.node]?.type ?? ""]?.outputs ?? [], from.port);
    const kinds = port ? carried(document, types, from.node, port, new Set([...seen, id])) : [];
    if (kinds.length === 0) return [];
    for (const kind of kinds) arriving.add(kind);
  }
  return [...arriving];
}

/** Whether outputs of a type that carry anything give what arrives; a subflow's nodes decide. */
export function passesOn(type: NodeType): boolean {
  return type.role === "transform" && type.pack !== "flow";
}

/** The same wire with each first port left out. */
export function canonical<W extends { from: string; to: string }>(
  document: FlowDocument,
  types: NodeTypes,
  wire: W,
): W {
  const from = splitEnd(wire.from);
  const to = splitEnd(wire.to);
  const outputs = types[document.nodes[from.node]?.type ?? ""]?.outputs ?? [];
  const inputs = types[document.nodes[to.node]?.type ?? ""]?.inputs ?? [];
  return {
    ...wire,
    from: endOf(from.node, from.port, outputs),
    to: endOf(to.node, to.port, inputs),
  };
}

/** Every place that an output can be wired to. */
export function targetsFor(
  document: FlowDocument,
  types: NodeTypes,
  source: string,
  output: string,
): { node: string; input: string }[] {
  return Object.entries(document.nodes).flatMap(([node, item]) =>
    (types[item.type]?.inputs ?? [])
      .filter(
        (input) =>
          node !== source &&
          refusal(document, types, { source, output, target: node, input: input.name }) === null,
      )
      .map((input) => ({ node, input: input.name })),
  );
}

/** The types that can stand between an output and an input, the usual one first. */
export function canStandBetween(types: NodeTypes, given: Kind[], taken: Kind[]): NodeType[] {
  return Object.values(types).filter(
    (type) =>
      type.install === "" &&
      type.inputs[0] &&
      type.outputs[0] &&
      overlap(given, type.inputs[0].kinds) &&
      overlap(type.outputs[0].kinds, taken),
  );
}

/** Whether an output of some kinds fits an input of some kinds; none stands for any. */
export function overlap(given: Kind[], taken: Kind[]): boolean {
  return given.length === 0 || taken.length === 0 || given.some((kind) => taken.includes(kind));
}

function kindRefusal(ends: Ends, given: Kind[], input: Port, to: NodeType): Refusal | null {
  if (overlap(given, input.kinds)) return null;
  const between = BETWEEN[given[0] as Kind]?.[input.kinds[0] as Kind];
  const remedy = between ? ` Put ${between} between.` : "";
  return {
    reason: `${ends.source} carries ${words(given)}, but ${to.type} takes ${words(input.kinds)}.${remedy}`,
    ...(between ? { between } : {}),
  };
}

/** Kinds as the CLI names them. */
export function words(kinds: Kind[]): string {
  return kinds.length === 0 ? "any" : kinds.join("|");
}
