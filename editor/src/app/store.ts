/** What the editor knows: one store, read by hooks, changed by the modules beside it. */

import { create } from "zustand";
import type { Problem } from "../api/http";
import type { Person, Values } from "../api/live";
import type {
  AlarmRow,
  FlowRow,
  FlowState,
  GatewayState,
  Health,
  MessageRecord,
  SignalInfo,
  TestOutcome,
} from "../api/types";
import type { Language } from "../i18n/texts";
import type { Who } from "../model/access";
import type { Diff } from "../model/diff";
import type { Selection } from "../model/edit";
import type { Draft } from "../model/flow";
import type { History } from "../model/history";
import type { Merged } from "../model/merge";
import type { NodeTypes } from "../model/nodeType";
import type { Rates } from "../model/rates";
import type { Ends, Refusal } from "../model/wiring";

export type { Person };

/** A flow that is open: as it was read, and as it is drawn now. */
export interface Tab {
  name: string;
  /** As the gateway has it; null for a flow that was never deployed. */
  base: Draft | null;
  etag: string | null;
  history: History<Draft>;
  problems: Problem[];
  hints: string[];
  /** What becomes of a message on each way, as the runtime says. */
  delivery: Record<string, string>;
  signals: Record<string, SignalInfo[]>;
  summaries: Record<string, string>;
  checking: boolean;
}

export type PanelName =
  | "settings"
  | "help"
  | "problems"
  | "charts"
  | "tests"
  | "revisions"
  | "resources"
  | "health";
export type DrawerName = "alarms" | "debug" | "log" | "replay";
export type Theme = "system" | "light" | "dark";

/** A sentence for the person, until it is read or some seconds are over. */
export interface Notice {
  id: number;
  kind: "info" | "good" | "bad";
  text: string;
}

/** A line of the log: what nodes and flows said. */
export interface LogLine {
  id: number;
  time: number;
  flow: string;
  node: string;
  kind: string;
  ok: boolean;
  text: string;
}

/** A signal that is charted. */
export interface Charted {
  flow: string;
  node: string;
  port: string;
  signal: string;
  unit: string;
}

/** A run of a flow's tests; `error` says why there was none. */
export interface TestRun {
  busy: boolean;
  outcomes: TestOutcome[];
  error: string;
}

/** A message that came by a watched output, for the debug drawer. */
export interface DebugLine {
  id: number;
  node: string;
  port: string;
  message: MessageRecord;
}

/** One thing at a time covers the page, and only these. */
export type Dialog =
  | {
      kind: "deploy";
      diff: Diff;
      /** Other flows with changes, which can be deployed along. */
      others: { name: string; count: number }[];
      steps: string[];
      busy: boolean;
      failed: string;
    }
  | { kind: "conflict"; theirs: Draft; etag: string; merged: Merged }
  | { kind: "login"; reason: string }
  | { kind: "password"; invite?: string }
  | { kind: "actions" }
  | { kind: "keys" }
  | { kind: "examples" }
  | { kind: "import" }
  | { kind: "subflow" }
  | { kind: "database"; path: string };

/** Where typed letters become a new node, in flow coordinates and on the page. */
export interface QuickAdd {
  at: { x: number; y: number };
  screen: { x: number; y: number };
  text: string;
  /** The output that the new node is wired to. */
  from?: { node: string; port: string };
}

/** A wire that was refused, where it was let go. */
export interface RefusedWire {
  ends: Ends;
  refusal: Refusal;
  screen: { x: number; y: number };
}

export interface State {
  ready: boolean;
  /** Null until the gateway said who is there. */
  who: Who | null;
  failed: string;
  types: NodeTypes;
  rows: FlowRow[];
  tabs: Record<string, Tab>;
  order: string[];
  active: string;
  selection: Selection;
  panel: PanelName;
  drawer: DrawerName;
  drawerOpen: boolean;
  gateway: GatewayState;
  rates: Rates;
  values: Record<string, Values>;
  connected: boolean;
  people: Person[];
  alarms: AlarmRow[];
  log: LogLine[];
  notices: Notice[];
  dialog: Dialog | null;
  quickAdd: QuickAdd | null;
  refused: RefusedWire | null;
  find: string | null;
  charted: Charted[];
  health: Health | null;
  tests: Record<string, TestRun>;
  debug: { lines: DebugLine[]; skipped: number; paused: boolean };
  theme: Theme;
  language: Language;
}

/** Nothing selected. */
export const NOTHING: Selection = { nodes: [], wires: [] };

export const useStore = create<State>(() => ({
  ready: false,
  who: null,
  failed: "",
  types: {},
  rows: [],
  tabs: {},
  order: [],
  active: "",
  selection: NOTHING,
  panel: "settings",
  drawer: "alarms",
  drawerOpen: true,
  gateway: { flows: {} },
  rates: { nodes: {}, outputs: {} },
  values: {},
  connected: true,
  people: [],
  alarms: [],
  log: [],
  notices: [],
  dialog: null,
  quickAdd: null,
  refused: null,
  find: null,
  charted: [],
  health: null,
  tests: {},
  debug: { lines: [], skipped: 0, paused: false },
  theme: "system",
  language: "en",
}));

export const read = useStore.getState;
export const change = useStore.setState;

/** The tab that is shown. */
export function activeTab(state: State = read()): Tab | undefined {
  return state.tabs[state.active];
}

/** The draft that is shown. */
export function activeDraft(state: State = read()): Draft | undefined {
  return activeTab(state)?.history.present;
}

/** Replace a tab by what a function makes of it. */
export function changeTab(name: string, make: (tab: Tab) => Tab): void {
  change((state) => {
    const tab = state.tabs[name];
    return tab ? { tabs: { ...state.tabs, [name]: make(tab) } } : {};
  });
}

/** What a flow is doing at the gateway. */
export function stateOf(state: State, name: string): FlowState | "new" {
  return state.rows.find((row) => row.name === name)?.state ?? "new";
}

let noticeId = 0;
const NOTICE_SECONDS = 8;
const MOST_NOTICES = 4;

/** Tell the person something; what is being told already is not told twice. */
export function notify(kind: Notice["kind"], text: string): void {
  if (read().notices.some((notice) => notice.text === text)) return;
  const notice = { id: ++noticeId, kind, text };
  change((state) => ({ notices: [...state.notices, notice].slice(-MOST_NOTICES) }));
  if (kind !== "bad") window.setTimeout(() => dismiss(notice.id), NOTICE_SECONDS * 1000);
}

/** Take a notice away. */
export function dismiss(id: number): void {
  change((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}
