/** Reading what the gateway has: node types, flows, one flow with its layout. */

import * as gateway from "../api/gateway";
import { Refused } from "../api/http";
import { t } from "../i18n/t";
import { complete } from "../model/arrange";
import { type Draft, emptyFlow, type FlowDocument, toLayout } from "../model/flow";
import { begin } from "../model/history";
import { freeFlowName } from "../model/names";
import { type NodeTypes, subflowType, toNodeType } from "../model/nodeType";
import { same } from "../model/same";
import { loadWho } from "./access";
import { scheduleCheck } from "./checking";
import * as drafts from "./drafts";
import { change, changeTab, NOTHING, notify, read, type Tab } from "./store";
import { loadAlarms } from "./watching";

/** Read everything the page needs to begin; the first flow is shown. */
export async function load(): Promise<void> {
  await loadWho();
  await Promise.all([loadTypes(), loadRows(), loadAlarms()]);
  const { order, active } = read();
  const wanted = flowOfAddress();
  const first = order.includes(wanted) ? wanted : (order[0] ?? "");
  if (!active && first) await show(first);
  for (const name of drafts.keptNames()) if (!read().tabs[name]) await open(name);
  change({ ready: true, failed: "" });
}

/** The flow that the page's address names behind `#`. */
export function flowOfAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // an address that somebody typed, such as #%
  }
}

/** Read the list of flows again. */
export async function loadRows(): Promise<void> {
  const rows = await gateway.flows();
  const names = rows.map((row) => row.name);
  const unsaved = drafts.keptNames().filter((name) => !names.includes(name));
  change((state) => {
    const known = [...names, ...unsaved, ...Object.keys(state.tabs)];
    const before = state.order.length > 0 ? state.order : keptOrder();
    const order = before.filter((name) => known.includes(name));
    for (const name of known) if (!order.includes(name)) order.push(name);
    return { rows, order };
  });
}

const ORDER = "flowrt.order";

/** The order into which somebody dragged the tabs, in this browser. */
function keptOrder(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(ORDER) ?? "[]");
    return Array.isArray(kept) ? kept.filter((name) => typeof name === "string") : [];
  } catch {
    return []; // written by hand or by an older version
  }
}

/** Put a tab where another one is. */
export function moveTab(name: string, where: string): void {
  const { order } = read();
  const to = order.indexOf(where);
  if (name === where || to < 0 || !order.includes(name)) return;
  const rest = order.filter((other) => other !== name);
  rest.splice(to, 0, name);
  change({ order: rest });
  localStorage.setItem(ORDER, JSON.stringify(rest));
}

/** Read the node types, subflows included. */
export async function loadTypes(): Promise<void> {
  const described = await gateway.nodeTypes();
  const types = Object.fromEntries(described.map((one) => [one.type, toNodeType(one)]));
  change((state) => ({ types: { ...subflowsOf(state.types), ...types } }));
  await loadSubflows();
}

/** The flows that are made to be used by others appear as node types. */
async function loadSubflows(): Promise<void> {
  const rows = (await gateway.flows()).filter((row) => row.subflow);
  const read = await Promise.all(rows.map((row) => gateway.flow(row.name)));
  const types = read.map(({ document }) => subflowType(document));
  change((state) => ({
    types: { ...state.types, ...Object.fromEntries(types.map((type) => [type.type, type])) },
  }));
}

function subflowsOf(types: NodeTypes): NodeTypes {
  return Object.fromEntries(Object.entries(types).filter(([name]) => name.startsWith("flow/")));
}

/** Show a flow; it is read the first time. */
export async function show(name: string): Promise<void> {
  if (!read().tabs[name]) await open(name);
  change({ active: name, selection: NOTHING, quickAdd: null });
  history.replaceState(null, "", `#${encodeURIComponent(name)}`);
}

async function open(name: string): Promise<void> {
  const kept = drafts.kept(name);
  const stored = await readStored(name);
  const tab = kept && isUnsaved(kept, stored) ? fromKept(name, kept) : fromStored(name, stored);
  if (!tab) return;
  change((state) => ({ tabs: { ...state.tabs, [name]: tab } }));
  scheduleCheck(name);
}

interface StoredDraft {
  draft: Draft;
  etag: string;
}

/** A flow and its layout as the gateway has them; null for one it does not have. */
export async function readStored(name: string): Promise<StoredDraft | null> {
  try {
    const [{ document, etag }, layout] = await Promise.all([
      gateway.flow(name),
      gateway.layout(name),
    ]);
    return {
      draft: { document, layout: complete(document, toLayout(layout), read().types) },
      etag,
    };
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

/** The document of a flow: as it is drawn, else as the gateway has it; null where it is gone. */
export async function readDocument(name: string): Promise<FlowDocument | null> {
  const tab = read().tabs[name];
  return tab?.history.present.document ?? (await readStored(name))?.draft.document ?? null;
}

function isUnsaved(kept: drafts.Kept, stored: StoredDraft | null): boolean {
  return stored === null || !same(kept.draft, stored.draft);
}

function fromKept(name: string, kept: drafts.Kept): Tab {
  notify("info", t("notice.kept", { name }));
  return newTab(name, kept.draft, kept.base, kept.etag);
}

function fromStored(name: string, stored: StoredDraft | null): Tab | null {
  return stored && newTab(name, stored.draft, stored.draft, stored.etag);
}

function newTab(name: string, draft: Draft, base: Draft | null, etag: string | null): Tab {
  return {
    name,
    base,
    etag,
    history: begin(draft),
    problems: [],
    hints: [],
    delivery: {},
    signals: {},
    summaries: {},
    checking: false,
  };
}

/** Read a flow that somebody else changed, where there is nothing here to lose. */
export async function refresh(name: string): Promise<void> {
  const stored = await readStored(name);
  if (!stored) return;
  changeTab(name, (tab) => ({
    ...tab,
    base: stored.draft,
    etag: stored.etag,
    history: {
      ...tab.history,
      past: [...tab.history.past, tab.history.present],
      present: stored.draft,
    },
  }));
  scheduleCheck(name);
}

/** Open a new flow: empty, an example, or one that was brought. */
export function create(document: FlowDocument = emptyFlow("flow"), layout: unknown = {}): string {
  const name = freeFlowName(document.name, read().order);
  const named = { ...document, name };
  const draft = { document: named, layout: complete(named, toLayout(layout), read().types) };
  change((state) => ({
    tabs: { ...state.tabs, [name]: newTab(name, draft, null, null) },
    order: [...state.order, name],
    active: name,
    selection: NOTHING,
  }));
  drafts.keep(name, { draft, base: null, etag: null });
  scheduleCheck(name);
  return name;
}

/** Give a flow that was never deployed another name. */
export function renameNew(name: string, wanted: string): void {
  const tab = read().tabs[name];
  if (!tab || tab.etag !== null) return;
  const document = { ...tab.history.present.document, name: wanted };
  const present = { ...tab.history.present, document };
  drafts.forget(name);
  drafts.keep(wanted, { draft: present, base: null, etag: null });
  change((state) => {
    const { [name]: _was, ...tabs } = state.tabs;
    return {
      tabs: { ...tabs, [wanted]: { ...tab, name: wanted, history: { ...tab.history, present } } },
      order: state.order.map((other) => (other === name ? wanted : other)),
      active: wanted,
    };
  });
  scheduleCheck(wanted);
}
