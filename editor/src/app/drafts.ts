/** Edits that are not deployed yet, kept in this browser so that none is lost. */

import { type Draft, toLayout } from "../model/flow";

/** A draft, and the version it was made from. */
export interface Kept {
  draft: Draft;
  base: Draft | null;
  etag: string | null;
}

const PREFIX = "flowrt.draft.";

/** Keep a draft; false where the browser has no room for it. */
export function keep(name: string, kept: Kept): boolean {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(kept));
    return true;
  } catch {
    return false; // full or forbidden: the caller tells the person
  }
}

/** Forget a draft that was deployed or given up. */
export function forget(name: string): void {
  localStorage.removeItem(PREFIX + name);
}

/** The kept draft of a flow; null where there is none that can be read. */
export function kept(name: string): Kept | null {
  const text = localStorage.getItem(PREFIX + name);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Kept;
    return {
      ...value,
      draft: readable(value.draft),
      base: value.base ? readable(value.base) : null,
    };
  } catch {
    return null; // written by an older version
  }
}

/** A draft with a layout of today; throws where there is no flow in it. */
function readable({ document, layout }: Draft): Draft {
  if (typeof document.nodes !== "object" || document.nodes === null) throw new TypeError("nodes");
  return { document, layout: toLayout(layout) };
}

/** The names of the flows that have a kept draft. */
export function keptNames(): string[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length));
}

/** Be told when another tab of this browser keeps a draft. */
export function whenKeptElsewhere(tell: (name: string) => void): void {
  window.addEventListener("storage", (event) => {
    if (event.key?.startsWith(PREFIX) && event.newValue !== null) {
      tell(event.key.slice(PREFIX.length));
    }
  });
}
