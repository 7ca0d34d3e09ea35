/** Node types as the runtime describes them. */

import type { FlowDocument } from "./flow";

/** A JSON Schema, with flowrt's own keys. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  "x-type"?: "duration" | "hex" | "file" | "secret";
  "x-unit"?: string;
  "x-unit-of"?: string;
  "x-signal"?: boolean;
  "x-resource"?: string;
  "x-file"?: string | string[];
  "x-advanced"?: boolean;
  "x-multiline"?: boolean;
  "x-expects"?: string;
}

/** A port; `kinds` is empty for one that takes or gives anything. */
export interface Port {
  name: string;
  kinds: Kind[];
  help: string;
}

export type Kind = "frame" | "signals" | "event";
export type Role = "source" | "transform" | "sink" | "control" | "analysis" | "resource";

/** A runnable example of a node. */
export interface Example {
  title: string;
  node: { type: string; [setting: string]: unknown };
  given: unknown[];
  expect: unknown[];
}

/** What can be placed on the canvas, or used as a resource. */
export interface NodeType {
  type: string;
  pack: string;
  role: Role;
  help: string;
  icon: string;
  inputs: Port[];
  outputs: Port[];
  settings: Schema;
  examples: Example[];
  button: boolean;
  /** What to install where the type cannot be used; empty where it can. */
  install: string;
}

/** The types by name. */
export type NodeTypes = Readonly<Record<string, NodeType>>;

interface DescribedPort {
  name: string;
  help: string;
  accepts?: string;
  carries?: string;
}

/** One entry of `/api/nodes`. */
export interface Described {
  type: string;
  pack: string;
  available: boolean;
  install: string | null;
  kind?: "source" | "transform" | "sink" | "resource";
  help?: string;
  icon?: string;
  inputs?: DescribedPort[];
  outputs?: DescribedPort[];
  settings?: Schema;
  examples?: Example[];
  control?: boolean;
  button?: boolean;
}

/** A type as the runtime describes it. */
export function toNodeType(given: Described): NodeType {
  return {
    type: given.type,
    pack: given.pack,
    role: roleOf(given),
    help: given.help ?? "",
    icon: given.icon ?? "",
    inputs: (given.inputs ?? []).map(toPort),
    outputs: (given.outputs ?? []).map(toPort),
    settings: given.settings ?? { type: "object", properties: {} },
    examples: given.examples ?? [],
    button: given.button ?? false,
    install: given.available ? "" : (given.install ?? "not available here"),
  };
}

/** A subflow as a type: its parameters are settings, its core/input and core/output nodes ports. */
export function subflowType(document: FlowDocument): NodeType {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [name, parameter] of Object.entries(document.parameters ?? {})) {
    properties[name] = {
      type: typeOf(parameter.default),
      ...(parameter.description ? { description: parameter.description } : {}),
      ...(parameter.default === undefined ? {} : { default: parameter.default }),
    };
    if (parameter.default === undefined) required.push(name);
  }
  return {
    type: `flow/${document.name}`,
    pack: "flow",
    role: "transform",
    help: document.description ?? "",
    icon: "binary-tree-2",
    inputs: portsOf(document, "core/input"),
    outputs: portsOf(document, "core/output"),
    settings: { type: "object", properties, required },
    examples: [],
    button: false,
    install: "",
  };
}

/** The first sentence of a help text. */
export function firstSentence(help: string): string {
  const end = help.search(/[.;]\s|[.;]$|\n\n/);
  return end < 0 ? help : help.slice(0, end);
}

/** Whether a type fits what was typed: in its name, or in the first sentence of its help. */
export function matches(type: NodeType, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return `${type.type} ${firstSentence(type.help)}`.toLowerCase().includes(wanted);
}

/** The types pack by pack, in the order in which packs are used along a flow. */
export function byPack(types: readonly NodeType[]): { pack: string; types: NodeType[] }[] {
  const packs = new Map<string, NodeType[]>();
  for (const type of types) packs.set(type.pack, [...(packs.get(type.pack) ?? []), type]);
  return [...packs]
    .map(([pack, members]) => ({ pack, types: members }))
    .sort((a, b) => packRank(a.pack) - packRank(b.pack) || a.pack.localeCompare(b.pack));
}

const PACK_ORDER = ["bess", "can", "logic", "modbus", "mqtt", "storage"];

function packRank(pack: string): number {
  const at = PACK_ORDER.indexOf(pack);
  return at < 0 ? PACK_ORDER.length : at;
}

function toPort(port: DescribedPort): Port {
  const words = port.accepts ?? port.carries ?? "any";
  return {
    name: port.name,
    kinds: words === "any" ? [] : (words.split("|") as Kind[]),
    help: port.help,
  };
}

function roleOf(given: Described): Role {
  if (given.control) return "control";
  if (given.pack === "ai" || given.pack === "analysis") return "analysis";
  return given.kind ?? "transform";
}

function typeOf(value: unknown): string | string[] {
  if (typeof value === "number" || typeof value === "boolean") return typeof value;
  if (typeof value === "string") return "string";
  return ["string", "number", "boolean"];
}

function portsOf(document: FlowDocument, type: string): Port[] {
  return Object.entries(document.nodes)
    .filter(([, item]) => item.type === type)
    .map(([id]) => ({ name: id, kinds: [], help: "" }));
}
