/** What the gateway tells while flows run: states, rates, values, alarms, the log. */

import * as gateway from "../api/gateway";
import { Live, type News, type Person, type Place, type Values, type Watched } from "../api/live";
import type { AlarmRow, GatewayState } from "../api/types";
import { t } from "../i18n/t";
import { splitEnd, wireKey, wiresOf } from "../model/flow";
import { outputKey, ratesBetween } from "../model/rates";
import { same } from "../model/same";
import { takeDebug } from "./debugging";
import { deployStep } from "./deploying";
import { loadRows, refresh } from "./loading";
import { ONLY_DEBUG } from "./popOut";
import {
  activeDraft,
  activeTab,
  change,
  type LogLine,
  notify,
  read,
  type State,
  useStore,
} from "./store";

const MOST_LINES = 500;
let live: Live | null = null;
let lastState = 0;
let lineId = 0;

/** Begin to listen. */
export function watchGateway(): void {
  live = new Live({
    state: takeState,
    news: takeNews,
    values: takeValues,
    people: takePeople,
    dropped,
    connected,
  });
  useStore.subscribe((state, before) => {
    const [wanted, at] = [watchedBy(state), placeOf(state)];
    if (!same(wanted, watchedBy(before)) || !same(at, placeOf(before))) live?.watch(wanted, at);
  });
}

/** Try to connect again now. */
export function reconnect(): void {
  live?.retry();
}

/** Read the standing alarms again. */
export async function loadAlarms(): Promise<void> {
  change({ alarms: await gateway.alarms() });
}

/** Say that an alarm was seen. */
export async function acknowledge(alarm: AlarmRow): Promise<void> {
  await gateway.acknowledge(alarm);
  await loadAlarms();
}

/** Put an alarm aside for a while. */
export async function shelve(alarm: AlarmRow, duration: string, reason: string): Promise<void> {
  await gateway.shelve(alarm, duration, reason);
  await loadAlarms();
}

/** Take an alarm back from the shelf. */
export async function unshelve(alarm: AlarmRow): Promise<void> {
  await gateway.unshelve(alarm);
  await loadAlarms();
}

/** The outputs whose values are shown: of the selection, of pinned wires, of charts and debug. */
export function watchedBy(state: State): Watched[] {
  const draft = activeDraft(state);
  if (!draft) return [];
  const { document, layout } = draft;
  const wanted = new Set([...state.selection.wires, ...layout.pins]);
  const picked = new Set(state.selection.nodes);
  const debugging = state.drawer === "debug" && state.drawerOpen;
  const watched = new Map<string, Watched>();
  for (const wire of wiresOf(document)) {
    const from = splitEnd(wire.from);
    const to = splitEnd(wire.to);
    const isShown =
      wanted.has(wireKey(wire)) ||
      picked.has(from.node) ||
      picked.has(to.node) ||
      (debugging && document.nodes[to.node]?.type === "core/debug");
    if (!isShown) continue;
    const port = from.port || firstOutput(state, document.nodes[from.node]?.type ?? "");
    const key = outputKey(document.name, from.node, port);
    watched.set(key, { flow: document.name, node: from.node, port });
  }
  return [...watched.values()].slice(0, 50);
}

/** The flow that is shown, and whether it was changed here; a window for messages alone is no place. */
function placeOf(state: State): Place {
  const tab = activeTab(state);
  if (!tab || ONLY_DEBUG) return { flow: "", edits: false };
  return { flow: tab.name, edits: tab.history.present !== tab.base };
}

/** The name of a type's first output. */
export function firstOutput(state: State, type: string): string {
  return state.types[type]?.outputs[0]?.name ?? "out";
}

function takeState(next: GatewayState): void {
  const now = performance.now();
  change((state) => ({
    gateway: next,
    rates: ratesBetween(state.gateway, next, lastState ? (now - lastState) / 1000 : 0),
  }));
  lastState = now;
}

/** Others that look at a flow; who looks at none, such as a script, is not counted. */
function takePeople(people: Person[]): void {
  change({ people: people.filter(({ flow }) => flow !== "") });
}

function takeValues(values: Values): void {
  const key = outputKey(values.flow, values.node, values.port);
  change((state) => ({ values: { ...state.values, [key]: values } }));
  takeDebug(values);
}

function takeNews(news: News): void {
  // Alarms that stood before a restart stand again without news of their own.
  if (news.kind === "alarm" || news.kind === "flow") void loadAlarms();
  if (news.kind === "deploy") deployStep(news.flow, String(news.data.text ?? news.data.step));
  if (news.kind === "flow" || isEndOfDeploy(news)) void flowChanged(news.flow);
  note(news);
}

/** A flow that goes on while it changes neither stops nor starts. */
function isEndOfDeploy({ kind, data }: News): boolean {
  return kind === "deploy" && (data.step === "done" || data.step === "failed");
}

async function flowChanged(name: string): Promise<void> {
  await loadRows();
  const tab = read().tabs[name];
  if (!tab || tab.etag === null || read().dialog?.kind === "deploy") return;
  const etag = await gateway.etag(name);
  if (etag === null) return; // removed, or called otherwise now
  if (etag === tab.etag || read().tabs[name]?.etag !== tab.etag) return;
  if (tab.history.present === tab.base) await refresh(name);
  else notify("info", t("notice.changedElsewhere", { name }));
}

function note(news: News): void {
  const { data } = news;
  const line: LogLine = {
    id: ++lineId,
    time: Date.now() / 1000,
    flow: news.flow,
    node: news.node,
    kind: news.kind,
    ok: news.kind !== "fault" && data.ok !== false,
    text: String(data.text || data.state || data.step || ""),
  };
  change((state) => ({ log: [...state.log, line].slice(-MOST_LINES) }));
}

function dropped(count: number): void {
  note({
    kind: "status",
    flow: "",
    node: "",
    data: { ok: false, text: t("log.dropped", { count }) },
  });
}

function connected(is: boolean): void {
  const was = read().connected;
  change(is ? { connected: is } : { connected: is, people: [] });
  if (!is && was) void gateway.session().catch(() => {}); // a session that ended makes it ask
  if (is && !was) {
    lastState = 0;
    notify("good", t("notice.connected"));
    void Promise.all([loadRows(), loadAlarms()]);
  }
}
