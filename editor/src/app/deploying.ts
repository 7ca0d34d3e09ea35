/** From the drawing to the gateway: diff, conflict, deploy, rollback. */

import * as gateway from "../api/gateway";
import { Refused } from "../api/http";
import { t } from "../i18n/t";
import { complete } from "../model/arrange";
import { diff } from "../model/diff";
import { type Draft, emptyFlow, isSubflow, toLayout } from "../model/flow";
import { merge } from "../model/merge";
import { mayOrTell } from "./access";
import { checkNow } from "./checking";
import * as drafts from "./drafts";
import { edit } from "./editing";
import { loadRows, readStored, show } from "./loading";
import { activeTab, change, changeTab, type Dialog, notify, read, type Tab } from "./store";

const NO_LAYOUT = toLayout({});

/** What the drawing changes. */
export function changesOf(tab: Tab) {
  const before = tab.base ?? { document: emptyFlow(tab.name), layout: NO_LAYOUT };
  return diff(before, tab.history.present);
}

/** Show what a deploy would change; refused while there are problems. */
export async function askDeploy(): Promise<void> {
  const tab = activeTab();
  if (!tab || !mayOrTell("integrator")) return;
  if (!(await checkNow(tab.name)) && (read().tabs[tab.name]?.problems.length ?? 0) > 0) {
    change({ panel: "problems" });
    notify("bad", t("notice.problems", { count: read().tabs[tab.name]?.problems.length ?? 0 }));
    return;
  }
  change({
    dialog: {
      kind: "deploy",
      diff: changesOf(tab),
      others: otherChanges(tab.name),
      steps: [],
      busy: false,
      failed: "",
    },
  });
}

/** The other flows that are open and changed, with the number of their changes. */
function otherChanges(name: string) {
  return Object.values(read().tabs)
    .filter((tab) => tab.name !== name)
    .map((tab) => ({ name: tab.name, ...changesOf(tab) }))
    .map(({ name, logic, layout }) => ({ name, count: logic.length + layout.length }))
    .filter(({ count }) => count > 0);
}

/** Put the drawing on the gateway and run it, and after it those of other flows. */
export async function deploy(
  note: string,
  also: readonly string[] = [],
  skipTests = false,
): Promise<void> {
  const { active } = read();
  progress({ busy: true, failed: "", steps: [] });
  try {
    for (const name of also) await mustBeSound(name);
    for (const name of [active, ...also]) {
      if (!(await deployOne(name, note, skipTests))) return; // a conflict: it has a dialog of its own
    }
    change({ dialog: null });
  } catch (error) {
    progress({ busy: false, failed: (error as Error).message });
  }
}

/** The gateway has gone back to the version before; the drawing is a change of that again. */
async function keepAsDraft(name: string): Promise<void> {
  const stored = await readStored(name);
  if (stored) changeTab(name, (tab) => ({ ...tab, base: stored.draft, etag: stored.etag }));
}

async function deployOne(name: string, note: string, skipTests: boolean): Promise<boolean> {
  const tab = read().tabs[name];
  if (!tab) return true;
  const draft = tab.history.present;
  const etag = await store(tab, draft);
  if (etag === null) return false;
  try {
    await run(tab, draft, note, skipTests);
  } catch (error) {
    if (error instanceof Refused && error.status === 409) await keepAsDraft(name);
    throw error;
  }
  done(name, draft, etag);
  return true;
}

async function mustBeSound(name: string): Promise<void> {
  await checkNow(name);
  const count = read().tabs[name]?.problems.length ?? 0;
  if (count > 0) throw new Error(t("deploy.waits", { name, count }));
}

async function store(tab: Tab, draft: Draft): Promise<string | null> {
  const logic = changesOf(tab).logic.length > 0 || tab.etag === null;
  let etag = tab.etag ?? "";
  if (logic) {
    try {
      etag = await gateway.putFlow(draft.document, tab.etag);
    } catch (error) {
      if (error instanceof Refused && error.status === 412) {
        await showConflict(tab);
        return null;
      }
      throw error;
    }
  }
  await gateway.putLayout(tab.name, draft.layout);
  // From here on this is what the gateway has, whether it can be run or not.
  changeTab(tab.name, (now) => ({ ...now, base: draft, etag }));
  return etag;
}

async function run(tab: Tab, draft: Draft, note: string, skipTests: boolean): Promise<void> {
  const stands = changesOf(tab).logic.length === 0 && tab.etag !== null;
  if (isSubflow(draft.document) || (stands && note === "")) return;
  await gateway.deploy(tab.name, note, skipTests);
}

function done(name: string, draft: Draft, etag: string): void {
  changeTab(name, (tab) => ({ ...tab, base: draft, etag }));
  if (read().tabs[name]?.history.present === draft) drafts.forget(name);
  notify("good", t("notice.deployed", { name }));
  void loadRows();
}

function progress(step: Partial<Extract<Dialog, { kind: "deploy" }>>): void {
  change((state) =>
    state.dialog?.kind === "deploy" ? { dialog: { ...state.dialog, ...step } } : {},
  );
}

/** A step of a deploy that is under way, as the gateway tells it. */
export function deployStep(flow: string, text: string): void {
  const { dialog } = read();
  if (dialog?.kind !== "deploy" || !dialog.busy) return;
  progress({ steps: [...dialog.steps, dialog.others.length > 0 ? `${flow}: ${text}` : text] });
}

async function showConflict(tab: Tab): Promise<void> {
  if (tab.name !== read().active) await show(tab.name);
  const theirs = await readStored(tab.name);
  if (!theirs) {
    changeTab(tab.name, (now) => ({ ...now, base: null, etag: null }));
    progress({ busy: false, failed: t("conflict.deleted") });
    return;
  }
  const base = tab.base?.document ?? emptyFlow(tab.name);
  const merged = merge(base, tab.history.present.document, theirs.draft.document);
  change({ dialog: { kind: "conflict", theirs: theirs.draft, etag: theirs.etag, merged } });
}

/** End a conflict: with both changes, with theirs, or with mine over theirs. */
export function settle(choice: "merged" | "theirs" | "mine"): void {
  const { dialog } = read();
  const tab = activeTab();
  if (dialog?.kind !== "conflict" || !tab) return;
  changeTab(tab.name, (now) => ({ ...now, base: dialog.theirs, etag: dialog.etag }));
  change({ dialog: null });
  const mine = tab.history.present;
  const document = {
    merged: dialog.merged.document,
    theirs: dialog.theirs.document,
    mine: mine.document,
  }[choice];
  edit(() => ({ document, layout: complete(document, mine.layout, read().types) }));
  notify("info", t(`conflict.done.${choice}`));
}

/** Run an older revision again. */
export async function restore(id: string): Promise<void> {
  const tab = activeTab();
  if (!tab) return;
  await gateway.rollback(tab.name, id);
  const stored = await readStored(tab.name);
  if (!stored) return;
  edit(() => stored.draft);
  changeTab(tab.name, (now) => ({ ...now, base: now.history.present, etag: stored.etag }));
  drafts.forget(tab.name);
  notify("good", t("notice.restored", { id }));
  void loadRows();
}

/** Start or stop the flow that is shown. */
export async function setRunning(name: string, running: boolean): Promise<void> {
  await (running ? gateway.start(name) : gateway.stop(name));
  await loadRows();
}

/** Remove a flow from the gateway and from here. */
export async function removeFlow(name: string): Promise<void> {
  const tab = read().tabs[name];
  if (tab?.etag !== null) await gateway.deleteFlow(name);
  drafts.forget(name);
  change((state) => {
    const { [name]: _gone, ...tabs } = state.tabs;
    const order = state.order.filter((other) => other !== name);
    return { tabs, order, active: state.active === name ? "" : state.active };
  });
  await loadRows();
}
