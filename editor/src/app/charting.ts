/** The signals that are charted. */

import { same } from "../model/same";
import { type Charted, change } from "./store";

export type { Charted };

/** Chart a signal, once, and show the charts. */
export function addChart(charted: Charted): void {
  change((state) => ({
    panel: "charts",
    charted: state.charted.some((other) => same(other, charted))
      ? state.charted
      : [...state.charted, charted],
  }));
}

/** Take a signal out of the charts. */
export function removeChart(charted: Charted): void {
  change((state) => ({ charted: state.charted.filter((other) => other !== charted) }));
}
