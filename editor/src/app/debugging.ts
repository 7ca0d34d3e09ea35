/** The messages that come into debug nodes, kept for the drawer. */

import type { Values } from "../api/live";
import { splitEnd, wiresOf } from "../model/flow";
import { activeDraft, change, type DebugLine, read } from "./store";

const MOST_LINES = 600;
let lineId = 0;

/** Take what came by an output, where a debug node listens to it. */
export function takeDebug(values: Values): void {
  const state = read();
  if (state.debug.paused || values.flow !== state.active || !goesToDebug(values.node)) return;
  const lines: DebugLine[] = values.tail.map((message) => ({
    id: ++lineId,
    node: values.node,
    port: values.port,
    message,
  }));
  const unseen = Math.max(0, values.count - values.tail.length);
  change(({ debug }) => ({
    debug: {
      ...debug,
      lines: [...debug.lines, ...lines].slice(-MOST_LINES),
      skipped: debug.skipped + unseen,
    },
  }));
}

/** Stop taking, or go on. */
export function pauseDebug(paused: boolean): void {
  change(({ debug }) => ({ debug: { ...debug, paused } }));
}

/** Forget what came. */
export function clearDebug(): void {
  change(({ debug }) => ({ debug: { ...debug, lines: [], skipped: 0 } }));
}

function goesToDebug(node: string): boolean {
  const document = activeDraft()?.document;
  if (!document) return false;
  return wiresOf(document).some(
    (wire) =>
      splitEnd(wire.from).node === node &&
      document.nodes[splitEnd(wire.to).node]?.type === "core/debug",
  );
}
