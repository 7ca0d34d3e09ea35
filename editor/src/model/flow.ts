/** A flow file and its layout, as the runtime stores them. */

/** A node or a resource: its type, and its settings beside it. */
export interface Item {
  type: string;
  enabled?: boolean;
  [setting: string]: unknown;
}

/** A wire; an end is a node's id, or `id.port`. */
export interface WireSpec {
  from: string;
  to: string;
  overflow?: string;
  capacity?: number;
  /** Of a wire that spills: its limits, and how it is emptied. */
  journal?: Record<string, unknown>;
}

/** A setting that users of a subflow give. */
export interface Parameter {
  description?: string;
  default?: unknown;
}

/** The document of a flow file. */
export interface FlowDocument {
  flowrt: 1;
  name: string;
  description?: string;
  parameters?: Record<string, Parameter>;
  resources?: Record<string, Item>;
  nodes: Record<string, Item>;
  wires?: WireSpec[];
}

export interface Point {
  x: number;
  y: number;
}

/** A text on the canvas, in Markdown. */
export interface Note extends Point {
  id: string;
  text: string;
  width: number;
  height: number;
}

/** A frame around some nodes. */
export interface Group {
  id: string;
  title: string;
  members: string[];
}

/** What is no logic: where things are drawn. */
export interface Layout {
  nodes: Record<string, Point>;
  notes: Note[];
  groups: Group[];
  /** Wires whose values are always shown, by key. */
  pins: string[];
  /** A locked flow is not changed by accident. */
  locked?: boolean;
}

/** Everything that is edited, and undone, together. */
export interface Draft {
  document: FlowDocument;
  layout: Layout;
}

/** A flow without nodes. */
export function emptyFlow(name: string): FlowDocument {
  return { flowrt: 1, name, resources: {}, nodes: {}, wires: [] };
}

/** A layout from what was stored, which may be empty, old or another's. */
export function toLayout(stored: unknown): Layout {
  const given = (typeof stored === "object" && stored !== null ? stored : {}) as Partial<Layout>;
  return {
    nodes: isRecord(given.nodes) ? onlyPoints(given.nodes) : {},
    notes: Array.isArray(given.notes) ? given.notes.filter(isNote) : [],
    groups: Array.isArray(given.groups) ? given.groups.filter(isGroup) : [],
    pins: Array.isArray(given.pins) ? given.pins.filter((pin) => typeof pin === "string") : [],
    ...(given.locked === true ? { locked: true } : {}),
  };
}

/** The two parts of a wire's end; `port` is empty where only the node is named. */
export function splitEnd(end: string): { node: string; port: string } {
  const dot = end.indexOf(".");
  return dot < 0 ? { node: end, port: "" } : { node: end.slice(0, dot), port: end.slice(dot + 1) };
}

/** What tells one wire from another. */
export function wireKey(wire: WireSpec): string {
  return `${wire.from}>${wire.to}`;
}

/** The wires of a flow, also where the file leaves them out. */
export function wiresOf(document: FlowDocument): WireSpec[] {
  return document.wires ?? [];
}

/** An item with the ids of other nodes that it names replaced: core/catch listens to some. */
export function withNodeIds(item: Item, swap: (id: string) => string): Item {
  if (item.type !== "core/catch" || !Array.isArray(item.nodes)) return item;
  return { ...item, nodes: item.nodes.map((id) => (typeof id === "string" ? swap(id) : id)) };
}

/** Whether a flow is used by other flows and does not run by itself. */
export function isSubflow(document: FlowDocument): boolean {
  return document.parameters !== undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function onlyPoints(nodes: Record<string, unknown>): Record<string, Point> {
  const points: Record<string, Point> = {};
  for (const [id, value] of Object.entries(nodes)) {
    if (isRecord(value) && Number.isFinite(value.x) && Number.isFinite(value.y)) {
      points[id] = { x: Number(value.x), y: Number(value.y) };
    }
  }
  return points;
}

function isNote(value: unknown): value is Note {
  return (
    isRecord(value) &&
    typeof value.id === "string" &&
    typeof value.text === "string" &&
    [value.x, value.y, value.width, value.height].every(Number.isFinite)
  );
}

function isGroup(value: unknown): value is Group {
  return (
    isRecord(value) &&
    typeof value.id === "string" &&
    typeof value.title === "string" &&
    Array.isArray(value.members)
  );
}
