/** Changing the drawing that is shown; every change can be undone and is kept in the browser. */

import { t } from "../i18n/t";
import type { Draft } from "../model/flow";
import { amend, type History, record, redo, undo } from "../model/history";
import { scheduleCheck } from "./checking";
import * as drafts from "./drafts";
import { activeTab, changeTab, notify, read, type Tab } from "./store";

/** Edits within this time that carry the same key are undone together, in milliseconds. */
const TOGETHER = 1200;
let last = { key: "", at: 0 };

/** Change the drawing; changes with the same `key` in quick succession are one step of undo. */
export function edit(make: (draft: Draft) => Draft, key = ""): void {
  const tab = activeTab();
  if (!tab) return;
  if (tab.history.present.layout.locked && key !== "lock") {
    notify("info", t("notice.locked"));
    return;
  }
  const next = make(tab.history.present);
  if (next === tab.history.present) return;
  const now = Date.now();
  const joins = key !== "" && key === last.key && now - last.at < TOGETHER;
  last = { key, at: now };
  put(tab, (joins ? amend : record)(tab.history, next));
}

/** One step back. */
export function undoEdit(): void {
  const tab = activeTab();
  if (tab) put(tab, undo(tab.history));
}

/** One undone step forward. */
export function redoEdit(): void {
  const tab = activeTab();
  if (tab) put(tab, redo(tab.history));
}

/** Take the drawing back to what the gateway has; this, too, can be undone. */
export function discard(): void {
  const base = activeTab()?.base;
  if (base) edit(() => base);
}

function put(tab: Tab, history: History<Draft>): void {
  last = history === tab.history ? { key: "", at: 0 } : last;
  const logicMoved = history.present.document !== tab.history.present.document;
  changeTab(tab.name, (now) => ({ ...now, history }));
  keepSoon(tab.name);
  if (logicMoved) scheduleCheck(tab.name);
}

const timers = new Map<string, number>();
const KEEP_AFTER = 300;

function keepSoon(name: string): void {
  window.clearTimeout(timers.get(name));
  timers.set(
    name,
    window.setTimeout(() => keepNow(name), KEEP_AFTER),
  );
}

/** The page goes away: keep what is still waiting to be kept. */
export function keepAll(): void {
  for (const name of [...timers.keys()]) keepNow(name);
}

/** Keep the drawing in the browser now, or forget it where nothing is unsaved. */
export function keepNow(name: string): void {
  window.clearTimeout(timers.get(name));
  timers.delete(name);
  const tab = read().tabs[name];
  if (!tab) return;
  if (tab.history.present === tab.base) drafts.forget(name);
  else if (!drafts.keep(name, { draft: tab.history.present, base: tab.base, etag: tab.etag })) {
    notify("bad", t("notice.notKept"));
  }
}
