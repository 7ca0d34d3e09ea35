/** What happens once, before the page is drawn. */

import { Unreachable, whenLoginIsNeeded } from "../api/http";
import { t } from "../i18n/t";
import { whenKeptElsewhere } from "./drafts";
import { keepAll } from "./editing";
import { listenForKeys } from "./keys";
import { load } from "./loading";
import { firstLooks } from "./looks";
import { ONLY_DEBUG } from "./popOut";
import { change, notify, read } from "./store";
import { reconnect, watchGateway } from "./watching";

const TRY_AGAIN = 2000;

/** Set the page going. */
export function begin(): void {
  firstLooks();
  if (ONLY_DEBUG) change({ drawer: "debug", drawerOpen: true });
  whenLoginIsNeeded((refused) => {
    if (read().dialog?.kind !== "login") {
      change({ dialog: { kind: "login", reason: refused.message } });
    }
  });
  window.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    tell(event.reason);
  });
  whenKeptElsewhere((name) => {
    if (read().tabs[name]) notify("info", t("notice.otherTab", { name }));
  });
  window.addEventListener("pagehide", keepAll);
  listenForKeys();
  watchGateway();
  void loadUntilThere();
}

/** A login succeeded: go on where it was asked for. */
export async function goOn(): Promise<void> {
  change({ dialog: null });
  reconnect();
  if (!read().ready) await loadUntilThere();
}

/** Tell the person about an error that nobody else took; a lost connection has a banner. */
export function tell(error: unknown): void {
  if (error instanceof Unreachable) return;
  if (read().dialog?.kind === "login") return;
  notify("bad", error instanceof Error ? error.message : String(error));
}

async function loadUntilThere(): Promise<void> {
  try {
    await load();
  } catch (error) {
    change({ failed: (error as Error).message });
    if (error instanceof Unreachable) window.setTimeout(() => void loadUntilThere(), TRY_AGAIN);
  }
}
