/** Where a problem is: the runtime's place, as a node, a resource or a wire of the drawing. */

import { type FlowDocument, wireKey, wiresOf } from "./flow";

export interface Place {
  node?: string;
  resource?: string;
  wire?: string;
  /** The way to the setting: `registers`, 3, `signal`. */
  path: (string | number)[];
}

/** What a place such as `nodes.ems.registers[3].signal` points at. */
export function parsePlace(place: string, document: FlowDocument): Place {
  const [section, ...rest] = steps(place);
  if (section === "nodes" || section === "resources") {
    const [id, ...path] = rest;
    if (typeof id !== "string") return { path: [] };
    return section === "nodes" ? { node: id.split("/")[0] ?? id, path } : { resource: id, path };
  }
  const wire = section === "wires" ? wireAt(rest[0], document) : wireNamed(place, document);
  return wire === undefined ? { path: [] } : { wire, path: [] };
}

/** The parts of a place, list positions as numbers. */
export function steps(place: string): (string | number)[] {
  if (place.includes(" ")) return [];
  return place
    .split(/\.|(?=\[)/)
    .filter(Boolean)
    .map((part) => (/^\[\d+\]$/.test(part) ? Number(part.slice(1, -1)) : part));
}

function wireAt(index: string | number | undefined, document: FlowDocument): string | undefined {
  const wire = typeof index === "number" ? wiresOf(document)[index] : undefined;
  return wire && wireKey(wire);
}

/** `wires: decode.out to soc_low` names both ends. */
function wireNamed(place: string, document: FlowDocument): string | undefined {
  const named = /^wires: (\S+) to (\S+)$/.exec(place);
  if (!named) return undefined;
  const [from, to] = [named[1] ?? "", named[2] ?? ""];
  const node = from.split(".")[0] ?? "";
  const fits = wiresOf(document).find(
    (wire) =>
      (wire.from === from || wire.from === node) &&
      (wire.to === to || wire.to.split(".")[0] === to),
  );
  return fits && wireKey(fits);
}
