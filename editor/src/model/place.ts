/** Where a problem is: the runtime's place, as a node, a resource or a wire of the drawing. */

import { type FlowDocument, splitEnd, wireKey, wiresOf } from "./flow";

export interface Place {
  node?: string;
  resource?: string;
  wire?: string;
  /** The way to the setting: `registers`, 3, `signal`. */
  path: (string | number)[];
}

/** What a place such as `nodes.ems.registers[3].signal` points at. */
export function parsePlace(place: string, document: FlowDocument): Place {
  const ends = /^wires: (\S+) to (\S+)$/.exec(place);
  if (ends) return between(ends[1] ?? "", ends[2] ?? "", document);
  const inSubflow = /^nodes\.([^\s.:[]+): /.exec(place); // its own wires: `nodes.guard: wires[2]`
  if (inSubflow) return { node: outer(inSubflow[1] ?? ""), path: [] };
  const [section, id, ...path] = steps(place);
  if (section === "wires") {
    const wire = wireAt(id, document);
    return wire === undefined ? { path: [] } : { wire, path: [] };
  }
  if ((section !== "nodes" && section !== "resources") || typeof id !== "string") {
    return { path: [] };
  }
  const isNode = section === "nodes" || id.includes("/"); // a subflow's own resource is drawn in it
  return isNode ? { node: outer(id), path } : { resource: id, path };
}

/** The parts of a place, list positions as numbers. */
export function steps(place: string): (string | number)[] {
  return place
    .split(/\.|(?=\[)/)
    .filter(Boolean)
    .map((part) => (/^\[\d+\]$/.test(part) ? Number(part.slice(1, -1)) : part));
}

/** The node that is drawn for one inside a subflow: `guard` for `guard/soc_low`. */
function outer(id: string): string {
  return id.split("/")[0] ?? id;
}

function wireAt(index: string | number | undefined, document: FlowDocument): string | undefined {
  const wire = typeof index === "number" ? wiresOf(document)[index] : undefined;
  return wire && wireKey(wire);
}

/** `wires: decode.out to soc_low` names both ends, the first with its port. */
function between(from: string, to: string, document: FlowDocument): Place {
  const isInside = from.includes("/");
  const source = outer(splitEnd(from).node);
  const target = outer(splitEnd(to).node);
  if (source === target && isInside) return { node: source, path: [] };
  const wires = wiresOf(document).filter(
    (wire) => splitEnd(wire.from).node === source && splitEnd(wire.to).node === target,
  );
  // A wire that names no port is from the first; one that names this port fits better.
  const fits =
    wires.find((wire) => wire.from === from) ??
    wires.find((wire) => wire.from === source) ??
    (isInside ? wires[0] : undefined);
  return fits ? { wire: wireKey(fits), path: [] } : { path: [] };
}
