/** What the tests of the model share: some node types and a flow, in the runtime's shapes. */

import type { SignalInfo } from "../api/types";
import type { Draft, FlowDocument, Item, WireSpec } from "./flow";
import { type Described, type NodeTypes, toNodeType } from "./nodeType";

type Ports = Record<string, string>;

function described(
  type: string,
  kind: "source" | "transform" | "sink" | "resource",
  accepts: Ports,
  carries: Ports,
): Described {
  const pack = type.split("/")[0] ?? "";
  return {
    type,
    pack,
    kind,
    available: true,
    install: null,
    help: `Help of ${type}.`,
    icon: "box",
    inputs: Object.entries(accepts).map(([name, kinds]) => ({ name, accepts: kinds, help: "" })),
    outputs: Object.entries(carries).map(([name, kinds]) => ({ name, carries: kinds, help: "" })),
    settings: { type: "object", properties: {}, required: [] },
    examples: [],
    control: type === "can/send",
    button: type === "core/inject",
  };
}

/** Node types as `/api/nodes` describes them, without what the tests do not read. */
export const DESCRIBED: readonly Described[] = [
  described("can/bus", "resource", {}, {}),
  described("can/receive", "source", {}, { out: "frame" }),
  described("can/decode", "transform", { in: "frame" }, { out: "signals", undecodable: "frame" }),
  described("can/encode", "transform", { in: "signals" }, { out: "frame" }),
  described("can/send", "sink", { in: "frame" }, {}),
  described("core/catch", "source", {}, { out: "event" }),
  described("core/delay", "transform", { in: "any" }, { out: "any" }),
  described("core/inject", "source", {}, { out: "any" }),
  described("core/rate-limit", "transform", { in: "any" }, { out: "any" }),
  described("logic/aggregate", "transform", { in: "signals" }, { out: "signals" }),
  described("logic/switch", "transform", { in: "any" }, { match: "any", otherwise: "any" }),
  described(
    "logic/threshold",
    "transform",
    { in: "signals", acknowledge: "event" },
    { alarm: "event" },
  ),
  described("modbus/server", "sink", { in: "signals|event" }, {}),
  described("mqtt/broker", "resource", {}, {}),
  described("mqtt/publish", "sink", { in: "any" }, {}),
];

export const TYPES: NodeTypes = Object.fromEntries(
  DESCRIBED.map((given) => [given.type, toNodeType(given)]),
);

/** Frames are decoded; an alarm and a mean of each minute go to the cloud. */
export function rack(): Draft {
  return {
    document: {
      flowrt: 1,
      name: "rack",
      resources: {
        battery_bus: { type: "can/bus", channel: "can0", bitrate: 500000 },
        cloud: { type: "mqtt/broker", host: "broker.local" },
      },
      nodes: {
        receive: { type: "can/receive", bus: "battery_bus" },
        decode: { type: "can/decode", database: "dbc/pylontech-lv.dbc" },
        soc_low: { type: "logic/threshold", signal: "SOC", below: 20 },
        mean: { type: "logic/aggregate", signals: ["SOC"], every: "60 s" },
        publish: { type: "mqtt/publish", broker: "cloud" },
      },
      wires: [
        { from: "receive", to: "decode" },
        { from: "decode", to: "soc_low" },
        { from: "decode", to: "mean" },
        { from: "soc_low.alarm", to: "publish" },
        { from: "mean", to: "publish", overflow: "drop-oldest", capacity: 100 },
      ],
    },
    layout: {
      nodes: {
        receive: { x: 0, y: 80 },
        decode: { x: 240, y: 80 },
        soc_low: { x: 480, y: 0 },
        mean: { x: 480, y: 160 },
        publish: { x: 720, y: 80 },
      },
      notes: [{ id: "note", text: "Rack 1", x: 0, y: 240, width: 160, height: 80 }],
      groups: [{ id: "group", title: "Logic", members: ["soc_low", "mean"] }],
      pins: ["decode>soc_low"],
    },
  };
}

/** A flow of these nodes and wires; a wire is written `from > to`. */
export function flowOf(nodes: Record<string, string | Item>, ...wires: string[]): FlowDocument {
  const items = Object.entries(nodes).map(([id, item]) => [
    id,
    typeof item === "string" ? { type: item } : item,
  ]);
  return { flowrt: 1, name: "flow", nodes: Object.fromEntries(items), wires: wires.map(wireOf) };
}

/** A draft of these nodes and wires, without a layout. */
export function draftOf(nodes: Record<string, string | Item>, ...wires: string[]): Draft {
  return {
    document: flowOf(nodes, ...wires),
    layout: { nodes: {}, notes: [], groups: [], pins: [] },
  };
}

/** The wires as they are written for `flowOf`. */
export function written(document: FlowDocument): string[] {
  return (document.wires ?? []).map(({ from, to }) => `${from} > ${to}`);
}

/** The same value, in which nothing can be changed without an error. */
export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

/** A signal of a database. */
export function signal(source: string, name: string, more: Partial<SignalInfo> = {}): SignalInfo {
  return {
    name,
    source,
    unit: "",
    minimum: null,
    maximum: null,
    choices: {},
    cycle: null,
    type: "float",
    comment: "",
    ...more,
  };
}

function wireOf(text: string): WireSpec {
  const [from = "", to = ""] = text.split(" > ");
  return { from, to };
}
