/** What happens once, before the page is drawn. */

import { Unreachable, whenLoginIsNeeded } from "../api/http";
import { t } from "../i18n/t";
import { inviteOf } from "../model/access";
import { loadWho } from "./access";
import { whenKeptElsewhere } from "./drafts";
import { keepAll } from "./editing";
import { listenForKeys } from "./keys";
import { flowOfAddress, load, show } from "./loading";
import { firstLooks } from "./looks";
import { ONLY_DEBUG } from "./popOut";
import { change, notify, read } from "./store";
import { reconnect, watchGateway } from "./watching";

const TRY_AGAIN = 2000;

/** Set the page going. */
export function begin(): void {
  firstLooks();
  takeInvite();
  if (ONLY_DEBUG) change({ drawer: "debug", drawerOpen: true });
  whenLoginIsNeeded((refused) => {
    if (!isLoggingIn()) change({ dialog: { kind: "login", reason: refused.message } });
  });
  window.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    tell(event.reason);
  });
  whenKeptElsewhere((name) => {
    if (read().tabs[name]) notify("info", t("notice.otherTab", { name }));
  });
  window.addEventListener("pagehide", keepAll);
  window.addEventListener("hashchange", () => {
    const wanted = flowOfAddress();
    if (read().order.includes(wanted)) void show(wanted).catch(tell);
  });
  listenForKeys();
  watchGateway();
  void loadUntilThere();
}

/** A login succeeded: go on where it was asked for. */
export async function goOn(): Promise<void> {
  change({ dialog: null });
  reconnect();
  if (read().ready) await loadWho();
  else await loadUntilThere();
}

/** Take the code of a one-time link out of the address, where it would be kept and shown. */
function takeInvite(): void {
  const invite = inviteOf(location.hash);
  if (invite === "") return;
  history.replaceState(null, "", location.pathname);
  change({ dialog: { kind: "password", invite } });
}

function isLoggingIn(): boolean {
  const kind = read().dialog?.kind;
  return kind === "login" || kind === "password";
}

/** Tell the person about an error that nobody else took; a lost connection has a banner. */
export function tell(error: unknown): void {
  if (error instanceof Unreachable) return;
  if (isLoggingIn()) return;
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
