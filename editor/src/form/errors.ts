/** The runtime's problems, each beside the field it is about. */

import type { ErrorSchema } from "@rjsf/utils";
import type { Problem } from "../api/http";
import type { FlowDocument } from "../model/flow";
import { parsePlace } from "../model/place";

/** The problems of one node or resource, by field; those of no field are `general`. */
export function errorsAt(
  problems: readonly Problem[],
  document: FlowDocument,
  section: "nodes" | "resources",
  id: string,
  fields: readonly string[],
): { byField: ErrorSchema; general: string[] } {
  const byField: Record<string, { __errors: string[] }> = {};
  const general: string[] = [];
  for (const { place, sentence } of problems) {
    const at = parsePlace(place, document);
    if ((section === "nodes" ? at.node : at.resource) !== id) continue;
    const [field = missing(sentence), ...rest] = at.path;
    if (typeof field !== "string" || !fields.includes(field)) general.push(sentence);
    else {
      const where = rest.length > 0 ? `${rest.map(stepWords).join(" ")}: ` : "";
      byField[field] = { __errors: [...(byField[field]?.__errors ?? []), where + sentence] };
    }
  }
  return { byField: byField as ErrorSchema, general };
}

/** The setting that a node cannot do without, where that is what the runtime says. */
function missing(sentence: string): string | undefined {
  return /^\S+ needs "([^"]+)"/.exec(sentence)?.[1];
}

/** A step of a place as people count: the first row is 1. */
function stepWords(step: string | number): string {
  return typeof step === "number" ? `${step + 1}` : step;
}
