import { describe, expect, it } from "vitest";
import {
  byPack,
  type Described,
  firstSentence,
  matches,
  type NodeType,
  subflowType,
  toNodeType,
} from "./nodeType";
import { DESCRIBED, flowOf, TYPES } from "./testing";

const type = (name: string) => TYPES[name] as NonNullable<(typeof TYPES)[string]>;
const bare: Described = { type: "x/y", pack: "x", available: true, install: null };

describe("toNodeType", () => {
  it("reads ports with their kinds", () => {
    expect(type("can/decode").outputs).toEqual([
      { name: "out", kinds: ["signals"], help: "" },
      { name: "undecodable", kinds: ["frame"], help: "" },
    ]);
  });

  it("reads any as no kind in particular", () => {
    expect(type("mqtt/publish").inputs[0]?.kinds).toEqual([]);
  });

  it("reads several kinds", () => {
    expect(type("modbus/server").inputs[0]?.kinds).toEqual(["signals", "event"]);
  });

  it("gives every part, even where the runtime leaves most out", () => {
    expect(toNodeType(bare)).toEqual({
      type: "x/y",
      pack: "x",
      role: "transform",
      help: "",
      icon: "",
      inputs: [],
      outputs: [],
      settings: { type: "object", properties: {} },
      examples: [],
      button: false,
      install: "",
    });
  });

  it.each([
    ["can/receive", "source"],
    ["can/decode", "transform"],
    ["mqtt/publish", "sink"],
    ["can/bus", "resource"],
    ["can/send", "control"],
  ])("gives %s the role %s", (name, role) => {
    expect(type(name).role).toBe(role);
  });

  it.each(["ai", "analysis"])("takes the pack %s as analysis", (pack) => {
    expect(toNodeType({ ...bare, pack, kind: "sink" }).role).toBe("analysis");
  });

  it("says what to install", () => {
    const install = "pip install flowrt[can]";
    expect(toNodeType({ ...bare, available: false, install }).install).toBe(install);
  });

  it("is not usable even where the runtime does not say what to install", () => {
    expect(toNodeType({ ...bare, available: false }).install).not.toBe("");
  });

  it("does not ask to install what is there", () => {
    expect(toNodeType({ ...bare, install: "pip install x" }).install).toBe("");
  });
});

describe("subflowType", () => {
  const guard = {
    ...flowOf({
      given: "core/input",
      watch: "logic/threshold",
      alarm: "core/output",
      value: "core/output",
    }),
    name: "guard",
    description: "Watch one signal.",
    parameters: {
      signal: { description: "What to watch." },
      below: { default: 20 },
      latch: { default: false },
      text: { default: "" },
      list: { default: [1] },
      nothing: { default: null },
    },
  };

  it("makes ports of its inputs and outputs, in their order", () => {
    expect(subflowType(guard).inputs.map(({ name }) => name)).toEqual(["given"]);
    expect(subflowType(guard).outputs.map(({ name }) => name)).toEqual(["alarm", "value"]);
  });

  it("requires the parameters without a default", () => {
    expect(subflowType(guard).settings.required).toEqual(["signal"]);
  });

  it("types a parameter by its default", () => {
    const { properties } = subflowType(guard).settings;
    expect(properties?.below).toEqual({ type: "number", default: 20 });
    expect(properties?.latch).toEqual({ type: "boolean", default: false });
    expect(properties?.text).toEqual({ type: "string", default: "" });
    expect(properties?.signal?.type).toEqual(["string", "number", "boolean"]);
    expect(properties?.signal?.description).toBe("What to watch.");
  });

  it("is called by the flow's name", () => {
    expect(subflowType(guard)).toMatchObject({
      type: "flow/guard",
      pack: "flow",
      help: "Watch one signal.",
    });
  });

  it("can be made of a flow without parameters", () => {
    expect(subflowType(flowOf({})).settings).toEqual({
      type: "object",
      properties: {},
      required: [],
    });
  });
});

describe("firstSentence", () => {
  it.each([
    ["Send frames. Once.", "Send frames"],
    ["Receive frames; the kernel passes few.", "Receive frames"],
    ["Read version 1.5 of it.", "Read version 1.5 of it"],
    ["No end", "No end"],
    ["A title\n\nand more", "A title"],
    ["", ""],
  ])("of %j", (help, first) => {
    expect(firstSentence(help)).toBe(first);
  });
});

describe("matches", () => {
  const decode = toNodeType({ ...bare, type: "can/decode", help: "Decode frames. By a database." });

  it.each(["can/decode", "DECODE", "  frames ", "Decode Frames", ""])("finds %j", (text) => {
    expect(matches(decode, text)).toBe(true);
  });

  it.each(["database", "mqtt"])("does not find %j", (text) => {
    expect(matches(decode, text)).toBe(false);
  });
});

describe("byPack", () => {
  const types = DESCRIBED.map(toNodeType);

  it("orders packs as they are used along a flow, the others behind by name", () => {
    const [zoo, bess] = ["zoo", "bess"].map((pack) => toNodeType({ ...bare, pack })) as [
      NodeType,
      NodeType,
    ];
    expect(byPack([zoo, ...types, bess]).map(({ pack }) => pack)).toEqual([
      "bess",
      "can",
      "logic",
      "modbus",
      "mqtt",
      "core",
      "zoo",
    ]);
  });

  it("loses no type, and keeps their order in a pack", () => {
    const packs = byPack(types);
    expect(packs.flatMap((pack) => pack.types)).toHaveLength(types.length);
    for (const { pack, types: members } of packs) {
      expect(members).toEqual(types.filter((one) => one.pack === pack));
    }
  });
});
