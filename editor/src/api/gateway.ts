/** Every call of the web API that the editor makes, by what it is for. */

import type { Who } from "../model/access";
import type { FlowDocument, Layout } from "../model/flow";
import type { Described } from "../model/nodeType";
import { get, Refused, request, send } from "./http";
import type {
  AlarmRow,
  CheckAnswer,
  Database,
  DataFile,
  FlowRow,
  Health,
  ReplayAnswer,
  Revision,
  TestOutcome,
} from "./types";

const flowPath = (name: string, rest = "") => `/api/flows/${encodeURIComponent(name)}${rest}`;

/** A flow's file, and the tag of the version that was read. */
export interface Stored {
  document: FlowDocument;
  etag: string;
}

export const nodeTypes = () => get<Described[]>("/api/nodes");
export const flows = () => get<FlowRow[]>("/api/flows");

export async function flow(name: string): Promise<Stored> {
  const response = await request(flowPath(name));
  return { document: await response.json(), etag: response.headers.get("ETag") ?? "" };
}

/** The tag of a flow's file as it is now; null where there is none. */
export async function etag(name: string): Promise<string | null> {
  try {
    return (await flow(name)).etag;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

/** Store a flow; `etag` is that of the version it was changed from, null for a new flow. */
export async function putFlow(document: FlowDocument, etag: string | null): Promise<string> {
  const response = await request(flowPath(document.name), {
    method: "PUT",
    body: JSON.stringify(document, null, 2),
    headers: {
      "Content-Type": "application/json",
      ...(etag === null ? { "If-None-Match": "*" } : { "If-Match": etag }),
    },
  });
  return response.headers.get("ETag") ?? "";
}

export const deleteFlow = (name: string) => send<void>("DELETE", flowPath(name));
export const layout = (name: string) => get<unknown>(flowPath(name, "/layout"));
export const putLayout = (name: string, drawn: Layout) =>
  send<void>("PUT", flowPath(name, "/layout"), drawn);

/** The runtime's findings on a flow as it is stored. */
export const checkStored = (name: string) => get<CheckAnswer>(flowPath(name, "/check"));

/** The runtime's findings on a draft. A flow that cannot be read at all is a finding, too. */
export async function check(document: FlowDocument): Promise<CheckAnswer> {
  try {
    return await send<CheckAnswer>("POST", flowPath(document.name, "/check"), document);
  } catch (error) {
    if (error instanceof Refused && (error.status === 400 || error.status === 422)) {
      const own = [{ place: "", sentence: error.message }];
      return { problems: error.problems.length > 0 ? [...error.problems] : own };
    }
    throw error;
  }
}

export const deploy = (name: string, note: string, skipTests = false) =>
  send<{ state: string; revision?: string }>("POST", flowPath(name, "/deploy"), {
    author: "editor",
    note,
    skip_tests: skipTests,
  });
export const start = (name: string) => send<void>("POST", flowPath(name, "/start"));
export const stop = (name: string) => send<void>("POST", flowPath(name, "/stop"));
export const inject = (name: string, node: string) =>
  send<void>("POST", flowPath(name, `/nodes/${encodeURIComponent(node)}/inject`));

/** What a running node remembers, by field. */
export const nodeState = async (name: string, node: string) =>
  (
    await get<{ state: Record<string, unknown> }>(
      flowPath(name, `/nodes/${encodeURIComponent(node)}/state`),
    )
  ).state;

export const revisions = async (name: string) =>
  (await get<{ revisions: Revision[] }>(flowPath(name, "/revisions"))).revisions;
export const revision = (name: string, id: string) =>
  get<FlowDocument>(flowPath(name, `/revisions/${id}`));
export const rollback = (name: string, id: string) =>
  send<{ revision?: string }>("POST", flowPath(name, "/rollback"), { revision: id });

/** Run the tests of a flow against a draft of it. */
export const runTests = (document: FlowDocument) =>
  send<{ passed: boolean; tests: TestOutcome[] }>("POST", flowPath(document.name, "/tests"), {
    document,
  });

/** The document of a flow's tests; empty where it has none. */
export const tests = (name: string) => get<unknown>(flowPath(name, "/tests"));
export const putTests = (name: string, document: unknown) =>
  send<void>("PUT", flowPath(name, "/tests"), document);

/** Play a recorded log through a draft; nothing is connected. */
export async function replay(document: FlowDocument, log: File): Promise<ReplayAnswer> {
  const form = new FormData();
  form.append("document", JSON.stringify(document));
  form.append("log", log, log.name);
  const response = await request(flowPath(document.name, "/replay"), {
    method: "POST",
    body: form,
  });
  return response.json();
}

export const files = async (name: string) =>
  (await get<{ files: DataFile[] }>(flowPath(name, "/files"))).files;
export const putFile = async (name: string, path: string, file: Blob) => {
  await request(flowPath(name, `/files/${encodePath(path)}`), { method: "PUT", body: file });
};
export const database = (name: string, path: string) =>
  get<Database>(flowPath(name, `/databases/${encodePath(path)}`));

export const ALARM_PAGE = 200;
export const alarms = () => get<AlarmRow[]>("/api/alarms");
/** The newest changes, or those before a number: a page at a time. */
export const alarmHistory = (before?: number) =>
  get<AlarmRow[]>(`/api/alarms/history?limit=${ALARM_PAGE}${before ? `&before=${before}` : ""}`);
const named = ({ flow, source, name }: AlarmRow) => ({ flow, source, name, by: "editor" });
export const acknowledge = (alarm: AlarmRow) =>
  send<void>("POST", "/api/alarms/acknowledge", named(alarm));
export const shelve = (alarm: AlarmRow, duration: string, reason: string) =>
  send<void>("POST", "/api/alarms/shelve", { ...named(alarm), duration, reason });
export const unshelve = (alarm: AlarmRow) =>
  send<void>("POST", "/api/alarms/unshelve", named(alarm));
export const health = () => get<Health>("/api/health");

/** The last seconds of a signal, one value each; null where nothing new came. */
export interface Series {
  start: number;
  step: number;
  values: (number | null)[];
}

export const history = (
  name: string,
  key: { node: string; port: string; signal: string },
  seconds: number,
) =>
  get<Series>(
    flowPath(name, `/history?${new URLSearchParams({ ...key, seconds: String(seconds) })}`),
  );

/** The signals of a flow that are kept for charts. */
export const charted = async (name: string) =>
  (await get<{ series: SeriesKey[] }>(flowPath(name, "/history"))).series;

export interface SeriesKey {
  node: string;
  port: string;
  signal: string;
}

export const examples = () => get<{ name: string; description: string }[]>("/api/examples");
export const example = (name: string) =>
  get<FlowDocument>(`/api/examples/${encodeURIComponent(name)}`);
export const exampleLayout = (name: string) =>
  get<unknown>(`/api/examples/${encodeURIComponent(name)}/layout`);

/** Who is logged in; throws Refused (401) where nobody is. */
export const session = () => get<Who>("/api/session");

/** Log in; throws Refused where name or password are wrong. */
export const login = (user: string, password: string) =>
  send<unknown>("POST", "/api/login", { user, password });
export const logout = () => send<void>("POST", "/api/logout");
export const changePassword = (old: string, wanted: string) =>
  send<unknown>("PUT", "/api/session/password", { old, new: wanted });

/** Set the first password by a one-time link, and log in by it. */
export const acceptInvite = (invite: string, password: string) =>
  send<unknown>("POST", "/api/invite", { invite, password });

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
