/** The runtime's check, asked again shortly after each change. */

import * as gateway from "../api/gateway";
import { Unreachable } from "../api/http";
import { suffices } from "../model/access";
import { changeTab, read, type Tab } from "./store";

const PAUSE = 250;
const timers = new Map<string, number>();
const asked = new Map<string, number>();

/** Check a flow soon; a later call takes the place of an earlier one. */
export function scheduleCheck(name: string): void {
  window.clearTimeout(timers.get(name));
  timers.set(
    name,
    window.setTimeout(() => void checkNow(name), PAUSE),
  );
}

/** Check a flow now, and say whether it has no problem. */
export async function checkNow(name: string): Promise<boolean> {
  const tab = read().tabs[name];
  if (!tab) return false;
  const turn = (asked.get(name) ?? 0) + 1;
  asked.set(name, turn);
  changeTab(name, (now) => ({ ...now, checking: true }));
  try {
    const answer = await findings(tab);
    if (asked.get(name) !== turn) return false; // an answer to an older drawing
    changeTab(name, (now) => ({
      ...now,
      problems: answer.problems,
      hints: answer.hints ?? [],
      delivery: answer.delivery ?? {},
      signals: answer.signals ?? now.signals,
      summaries: answer.summaries ?? now.summaries,
      checking: false,
    }));
    return answer.problems.length === 0;
  } catch (error) {
    changeTab(name, (now) => ({ ...now, checking: false }));
    if (error instanceof Unreachable) return false; // the page shows the lost connection
    throw error;
  }
}

/** Drafts are checked for who may deploy them; of others the gateway checks what it has. */
function findings(tab: Tab) {
  if (suffices(read().who, "integrator") || tab.etag === null) {
    return gateway.check(tab.history.present.document);
  }
  return gateway.checkStored(tab.name);
}
