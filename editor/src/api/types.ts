/** What the runtime answers. */

import type { Problem } from "./http";

export type FlowState = "running" | "stopped" | "failed";

export interface FlowRow {
  name: string;
  state: FlowState;
  description?: string;
  subflow?: boolean;
}

/** What is known of a signal before it flows. */
export interface SignalInfo {
  name: string;
  source: string;
  unit: string;
  minimum: number | null;
  maximum: number | null;
  choices: Record<string, string>;
  cycle: number | null;
  type: string;
  comment: string;
}

export interface CheckAnswer {
  problems: Problem[];
  /** The signals that reach each node. */
  signals?: Record<string, SignalInfo[]>;
  /** What each node does as it is set, in a few words. */
  summaries?: Record<string, string>;
  /** What is no problem but hardly meant. */
  hints?: string[];
  /** What becomes of a message on each way, in words. */
  delivery?: Record<string, string>;
}

/** A message as a record: a frame, readings or an event. */
export interface MessageRecord {
  kind: "frame" | "signals" | "event";
  time: number;
  source?: string;
  values?: Record<string, number | string | boolean | null>;
  channel?: string;
  id?: number;
  data?: string;
  name?: string;
  state?: string;
  severity?: string;
  value?: unknown;
  text?: string;
}

export interface OutputState {
  sent: number;
  last: MessageRecord | null;
}

export interface NodeState {
  type: string;
  status: string;
  ok: boolean;
  received: number;
  sent: number;
  errors: number;
  drops: Record<string, number>;
  busy_seconds: number;
  outputs: Record<string, OutputState>;
  figures?: Record<string, number>;
}

export interface WireState {
  from: string;
  to: string;
  overflow: string;
  capacity: number;
  queued: number;
  peak: number;
  /** Messages that found the queue full. */
  dropped: number;
  journal?: JournalState;
}

/** The journal of a wire that spills. */
export interface JournalState {
  bytes: number;
  limit: number;
  /** Bytes since it was made. */
  written: number;
  quarantined: number;
  damaged: number;
  /** Why nothing goes to disk now. */
  trouble: string;
}

export interface RunningState {
  state: "running" | "failed";
  nodes?: Record<string, NodeState>;
  resources?: Record<string, NodeState>;
  wires?: WireState[];
  problems?: string[];
}

export interface GatewayState {
  flows: Record<string, RunningState>;
}

export interface AlarmRow extends MessageRecord {
  flow: string;
  acknowledged?: { by: string; time: number } | null;
  /** Put aside for a while: it calls nobody, and comes back by itself. */
  shelved?: { by: string; time: number; until: number; reason: string } | null;
  /** Its place in the history, once it is on disk. */
  number?: number;
}

export interface Revision {
  id: string;
  time: number;
  author: string;
  note: string;
  running: boolean;
  /** What differs from what ran before, in words. */
  changes?: string;
  /** Why it was rolled back by itself; empty for one that was kept. */
  failed?: string;
}

export interface TestFailure {
  sentence: string;
  node?: string;
  [more: string]: unknown;
}

export interface TestOutcome {
  name: string;
  passed: boolean;
  seconds: number;
  given: number;
  error: string | null;
  failures: TestFailure[];
}

export interface ReplayAnswer {
  summary: {
    frames: number;
    frames_fed: number;
    frames_unclaimed: number;
    seconds: number;
    frames_per_second: number;
    log_seconds: number;
    recorded: Record<string, number>;
    errors: Record<string, number>;
    drops: Record<string, Record<string, number>>;
  };
  records: (MessageRecord & { node: string; port: string })[];
  recorded: number;
  cut: boolean;
  first: number | null;
  last: number | null;
}

export interface Health {
  host: string;
  version: string;
  uptime_seconds: number;
  cpu_percent: number;
  memory_bytes: number;
  system_memory_percent: number;
  load: number[];
  disk_free_bytes: number;
  buses: {
    flow: string;
    resource: string;
    type: string;
    ok: boolean;
    status: string;
    figures: Record<string, number>;
  }[];
  journal_bytes: number;
  dropped: number;
  running: number;
  failed: number;
  /** Why no flow was started; null where flows run as they should. */
  safe_mode?: string | null;
}

export interface DataFile {
  path: string;
  bytes?: number;
  pack?: boolean;
}

export interface DatabaseSignal {
  name: string;
  start: number;
  length: number;
  byte_order: "big" | "little";
  signed: boolean;
  float: boolean;
  scale: number;
  offset: number;
  minimum: number | null;
  maximum: number | null;
  unit: string;
  choices: Record<string, string>;
  comment: string;
  multiplexer: { signal: string; values: number[] } | null;
  bits: number[];
}

export interface DatabaseMessage {
  name: string;
  id: number;
  extended: boolean;
  length: number;
  cycle: number | null;
  comment: string;
  senders: string[];
  signals: DatabaseSignal[];
}

export interface Database {
  messages: DatabaseMessage[];
}
