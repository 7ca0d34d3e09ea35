/** Reading a flow that somebody brings: a file, a paste. */

import type { FlowDocument } from "./flow";

/** What was brought cannot be a flow; the message says where and what to do. */
export class NotAFlow extends Error {}

/** A flow from JSON text; throws NotAFlow. The runtime's check tells what is wrong inside. */
export function parseFlow(text: string): FlowDocument {
  const value = parseJson(text);
  if (!isObject(value)) throw new NotAFlow("A flow is a JSON object; this is not one.");
  if (value.flowrt !== 1) {
    throw new NotAFlow('A flow begins with {"flowrt": 1, "name": ...}; this file does not.');
  }
  if (typeof value.name !== "string" || value.name === "") {
    throw new NotAFlow('The flow has no "name".');
  }
  if (!isObject(value.nodes)) throw new NotAFlow('"nodes" must be an object of nodes by id.');
  if (value.resources !== undefined && !isObject(value.resources)) {
    throw new NotAFlow('"resources" must be an object of resources by id.');
  }
  for (const section of ["nodes", "resources"] as const) {
    for (const [id, item] of Object.entries(value[section] ?? {})) {
      if (!isObject(item) || typeof item.type !== "string") {
        throw new NotAFlow(`${section}.${id} has no "type".`);
      }
    }
  }
  if (value.wires !== undefined && !isWires(value.wires)) {
    throw new NotAFlow('"wires" must be a list of {"from": ..., "to": ...}.');
  }
  return value as unknown as FlowDocument;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotAFlow(`This is not JSON: ${(error as Error).message}.`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWires(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((w) => isObject(w) && typeof w.from === "string" && typeof w.to === "string")
  );
}
