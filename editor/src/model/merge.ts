/** Two people's changes of one flow, put together: each node, resource and wire by itself. */

import { type FlowDocument, type WireSpec, wireKey, wiresOf } from "./flow";
import { same } from "./same";

/** A place that both changed, each in another way. */
export interface Clash {
  place: string;
  base: unknown;
  mine: unknown;
  theirs: unknown;
}

export interface Merged {
  document: FlowDocument;
  clashes: Clash[];
}

/** Put my changes of `base` on top of theirs; where both changed one place, mine stands. */
export function merge(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): Merged {
  const clashes: Clash[] = [];
  const records = <T>(section: string, get: (d: FlowDocument) => Record<string, T>) =>
    mergeRecords(section, get(base), get(mine), get(theirs), clashes);
  const value = <K extends "description" | "parameters">(key: K) =>
    mergeValue(key, base[key], mine[key], theirs[key], clashes);
  const description = value("description");
  const parameters = value("parameters");
  const { description: _text, parameters: _settings, ...rest } = theirs; // also `$schema`
  const document: FlowDocument = {
    ...rest,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    resources: records("resources", (d) => d.resources ?? {}),
    nodes: records("nodes", (d) => d.nodes),
    wires: Object.values(records("wires", byKey)),
  };
  return { document, clashes };
}

function mergeRecords<T>(
  section: string,
  base: Record<string, T>,
  mine: Record<string, T>,
  theirs: Record<string, T>,
  clashes: Clash[],
): Record<string, T> {
  const merged: Record<string, T> = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const place = `${section}.${key}`;
    const value = mergeValue(place, base[key], mine[key], theirs[key], clashes);
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

function mergeValue<T>(place: string, base: T, mine: T, theirs: T, clashes: Clash[]): T {
  if (same(mine, theirs) || same(base, mine)) return theirs;
  if (!same(base, theirs)) clashes.push({ place, base, mine, theirs });
  return mine;
}

function byKey(document: FlowDocument): Record<string, WireSpec> {
  return Object.fromEntries(wiresOf(document).map((wire) => [wireKey(wire), wire]));
}
