/** Another name for a flow: stored and run under it, then the old one is removed. */

import * as gateway from "../api/gateway";
import { t } from "../i18n/t";
import type { Draft } from "../model/flow";
import * as drafts from "./drafts";
import { loadRows, renameNew, show } from "./loading";
import { change, notify, read, stateOf, type Tab } from "./store";

/** Rename a flow; what is drawn and not deployed yet comes along. */
export async function rename(name: string, wanted: string): Promise<void> {
  const tab = read().tabs[name];
  if (!tab) return;
  if (tab.base === null) return renameNew(name, wanted);
  const base = named(tab.base, wanted);
  const runs = stateOf(read(), name) === "running";
  const etag = await gateway.putFlow(base.document, null);
  await gateway.putLayout(wanted, base.layout);
  const tests = await gateway.tests(name);
  if (Object.keys(tests as object).length > 0) await gateway.putTests(wanted, tests);
  if (runs) await runUnder(name, wanted);
  takeOver(tab, { base, etag }, wanted);
  await gateway.deleteFlow(name);
  await loadRows();
  await show(wanted);
  notify("good", t("notice.renamed", { name, wanted }));
}

/** The old one stops first, as both may want one port; it runs again where the new one cannot. */
async function runUnder(name: string, wanted: string): Promise<void> {
  await gateway.stop(name);
  try {
    await gateway.deploy(wanted, t("flow.renamed", { name }));
  } catch (error) {
    await gateway.deleteFlow(wanted);
    await gateway.start(name);
    throw error;
  }
}

function takeOver(tab: Tab, stored: { base: Draft; etag: string }, wanted: string): void {
  const { present, past, future } = tab.history;
  const isSaved = present === tab.base;
  const history = {
    past: past.map((draft) => named(draft, wanted)),
    present: isSaved ? stored.base : named(present, wanted),
    future: future.map((draft) => named(draft, wanted)),
  };
  drafts.forget(tab.name);
  if (!isSaved) drafts.keep(wanted, { draft: history.present, ...stored });
  change((state) => {
    const { [tab.name]: _was, ...tabs } = state.tabs;
    return {
      tabs: { ...tabs, [wanted]: { ...tab, ...stored, name: wanted, history } },
      order: state.order
        .filter((other) => other !== wanted)
        .map((other) => (other === tab.name ? wanted : other)),
      active: wanted,
    };
  });
}

function named(draft: Draft, name: string): Draft {
  return { ...draft, document: { ...draft.document, name } };
}
