/** A window of its own for the messages of debug nodes. */

import { read } from "./store";

const PART = "only";

/** Whether this page shows nothing but the messages. */
export const ONLY_DEBUG = new URLSearchParams(globalThis.location?.search).get(PART) === "debug";

/** Show the messages of the flow in a window beside this one. */
export function popOut(): void {
  const name = encodeURIComponent(read().active);
  window.open(`/?${PART}=debug#${name}`, `flowrt-debug-${name}`, "popup,width=760,height=640");
}
