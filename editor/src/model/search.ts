/** Finding nodes: words, and `type:`, `uses:`, `is:problem`, `is:changed`, `is:unused`, `is:off`. */

import { type FlowDocument, splitEnd, wiresOf } from "./flow";

/** What is known of nodes beside the document. */
export interface Facts {
  problems: ReadonlySet<string>;
  changed: ReadonlySet<string>;
}

type Test = (id: string) => boolean;

/** The ids of the nodes that every part of a query fits, as written in the flow. */
export function search(document: FlowDocument, query: string, facts: Facts): string[] {
  const tests = query
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((part) => testFor(part, document, facts));
  return Object.keys(document.nodes).filter((id) => tests.every((test) => test(id)));
}

/** A node of another flow. */
export interface Hit {
  flow: string;
  node: string;
}

/** The most that is listed of other flows. */
const MOST_HITS = 50;
const NO_FACTS: Facts = { problems: new Set(), changed: new Set() };

/** What fits in any of some flows, the first fifty, and how many more there are. */
export function searchAll(
  documents: readonly FlowDocument[],
  query: string,
): { hits: Hit[]; more: number } {
  if (query.trim() === "") return { hits: [], more: 0 };
  const all = documents.flatMap((document) =>
    search(document, query, NO_FACTS).map((node) => ({ flow: document.name, node })),
  );
  return { hits: all.slice(0, MOST_HITS), more: Math.max(0, all.length - MOST_HITS) };
}

/** The node, and all that its messages can reach or that can reach it. */
export function reach(
  document: FlowDocument,
  ids: readonly string[],
  way: "upstream" | "downstream",
): string[] {
  const [here, there] =
    way === "downstream" ? (["from", "to"] as const) : (["to", "from"] as const);
  const reached = new Set(ids);
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const wire of wiresOf(document)) {
      const next = splitEnd(wire[there]).node;
      if (splitEnd(wire[here]).node === id && !reached.has(next)) {
        reached.add(next);
        waiting.push(next);
      }
    }
  }
  return [...reached];
}

function testFor(part: string, document: FlowDocument, facts: Facts): Test {
  const [key, value] = part.includes(":") ? (part.split(/:(.*)/) as [string, string]) : ["", part];
  const item = (id: string) => document.nodes[id];
  if (key === "type") return (id) => item(id)?.type.toLowerCase().includes(value) ?? false;
  if (key === "uses") return (id) => mentions(settingsOf(document, id), value);
  if (key === "is" && value === "problem") return (id) => facts.problems.has(id);
  if (key === "is" && value === "changed") return (id) => facts.changed.has(id);
  if (key === "is" && value === "off") return (id) => item(id)?.enabled === false;
  if (key === "is" && value === "unused") return (id) => !isWired(document, id);
  return (id) => `${id} ${JSON.stringify(item(id))}`.toLowerCase().includes(part);
}

function settingsOf(document: FlowDocument, id: string): unknown {
  const { type: _type, ...settings } = document.nodes[id] ?? { type: "" };
  return settings;
}

function mentions(value: unknown, word: string): boolean {
  if (typeof value === "string") return value.toLowerCase().includes(word);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) => key.toLowerCase() === word || mentions(inner, word),
  );
}

function isWired(document: FlowDocument, id: string): boolean {
  return wiresOf(document).some(
    (wire) => splitEnd(wire.from).node === id || splitEnd(wire.to).node === id,
  );
}
