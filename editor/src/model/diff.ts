/** What a draft changes: logic by node, resource and wire; layout apart. */

import {
  type Draft,
  type FlowDocument,
  type Layout,
  splitEnd,
  type WireSpec,
  wireKey,
  wiresOf,
} from "./flow";
import { same } from "./same";

/** One difference; `place` as the runtime names places. */
export interface Change {
  place: string;
  kind: "added" | "removed" | "changed";
  before?: unknown;
  after?: unknown;
}

export interface Diff {
  logic: Change[];
  layout: Change[];
}

/** Every difference between two drafts. */
export function diff(before: Draft, after: Draft): Diff {
  return {
    logic: diffDocuments(before.document, after.document),
    layout: diffLayouts(before.layout, after.layout),
  };
}

/** The differences in what a flow does. */
export function diffDocuments(before: FlowDocument, after: FlowDocument): Change[] {
  return [
    ...diffValue("name", before.name, after.name),
    ...diffValue("description", before.description, after.description),
    ...diffValue("parameters", before.parameters, after.parameters),
    ...diffRecords("resources", before.resources ?? {}, after.resources ?? {}),
    ...diffRecords("nodes", before.nodes, after.nodes),
    ...diffRecords("wires", byKey(before), byKey(after)),
  ];
}

/** The ids of nodes that differ, or whose wires do. */
export function changedNodes(changes: readonly Change[]): Set<string> {
  const ids = new Set<string>();
  const removed = new Set<string>();
  for (const { place, kind, before, after } of changes) {
    const [section, id = ""] = place.split(".");
    if (section === "nodes") (kind === "removed" ? removed : ids).add(id);
    if (section === "wires") {
      const { from, to } = (after ?? before) as WireSpec;
      for (const end of [from, to]) ids.add(splitEnd(end).node);
    }
  }
  return new Set([...ids].filter((id) => !removed.has(id)));
}

function diffLayouts(before: Layout, after: Layout): Change[] {
  return [
    ...diffRecords("position", before.nodes, after.nodes),
    ...diffRecords("note", byId(before.notes), byId(after.notes)),
    ...diffRecords("group", byId(before.groups), byId(after.groups)),
    ...diffValue("pinned wires", before.pins, after.pins),
    ...diffValue("lock", before.locked ?? false, after.locked ?? false),
  ];
}

function diffRecords(
  section: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Change[] {
  const keys = [
    ...Object.keys(before),
    ...Object.keys(after).filter((key) => !Object.hasOwn(before, key)),
  ];
  const own = (of: Record<string, unknown>, key: string) =>
    Object.hasOwn(of, key) ? of[key] : undefined; // an id may be `constructor`
  return keys.flatMap((key) => diffValue(`${section}.${key}`, own(before, key), own(after, key)));
}

function diffValue(place: string, before: unknown, after: unknown): Change[] {
  if (same(before, after)) return [];
  if (before === undefined) return [{ place, kind: "added", after }];
  if (after === undefined) return [{ place, kind: "removed", before }];
  return [{ place, kind: "changed", before, after }];
}

function byKey(document: FlowDocument): Record<string, unknown> {
  return Object.fromEntries(wiresOf(document).map((wire) => [wireKey(wire), wire]));
}

function byId<T extends { id: string }>(items: T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id, item]));
}
