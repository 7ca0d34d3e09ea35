import { describe, expect, it } from "vitest";
import { emptyFlow, isSubflow, splitEnd, toLayout, wireKey, wiresOf } from "./flow";
import { parseFlow } from "./parse";
import { frozen, rack } from "./testing";

const NOTHING = { nodes: {}, notes: [], groups: [], pins: [] };

describe("toLayout", () => {
  it.each([[undefined], [null], [{}], [[]], ["old"], [7]])(
    "reads %j as an empty layout",
    (stored) => {
      expect(toLayout(stored)).toEqual(NOTHING);
    },
  );

  it("keeps a good layout as it is", () => {
    const { layout } = rack();
    expect(toLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout);
  });

  it("leaves out positions that are no points", () => {
    const nodes = { a: { x: 1, y: 2 }, b: { x: 1 }, c: null, d: [1, 2], e: { x: "1", y: 2 } };
    expect(toLayout({ nodes }).nodes).toEqual({ a: { x: 1, y: 2 } });
  });

  it("leaves out what else a position holds", () => {
    expect(toLayout({ nodes: { a: { x: 1, y: 2, z: 3 } } }).nodes).toEqual({ a: { x: 1, y: 2 } });
  });

  it("leaves out notes without a size", () => {
    const good = { id: "n", text: "", x: 0, y: 0, width: 1, height: 1 };
    expect(toLayout({ notes: [good, { ...good, width: undefined }, null] }).notes).toEqual([good]);
  });

  it("leaves out groups without members", () => {
    const good = { id: "g", title: "", members: [] };
    expect(toLayout({ groups: [good, { id: "g", title: "" }, "g"] }).groups).toEqual([good]);
  });

  it("leaves out pins that are no text", () => {
    expect(toLayout({ pins: ["a>b", 3, null] }).pins).toEqual(["a>b"]);
  });

  it("is locked by true alone", () => {
    expect(toLayout({ locked: true }).locked).toBe(true);
    for (const locked of [false, 1, "true", null]) {
      expect(toLayout({ locked })).not.toHaveProperty("locked");
    }
  });

  it("does not change what was stored", () => {
    const stored = frozen({ nodes: { a: { x: 1 } }, notes: [null], pins: [1] });
    expect(() => toLayout(stored)).not.toThrow();
  });
});

describe("splitEnd", () => {
  it.each([
    ["decode", "decode", ""],
    ["soc_low.alarm", "soc_low", "alarm"],
    ["soc-low.alarm", "soc-low", "alarm"],
    ["a.b.c", "a", "b.c"],
    ["a.", "a", ""],
  ])("splits %s", (end, node, port) => {
    expect(splitEnd(end)).toEqual({ node, port });
  });
});

describe("wireKey", () => {
  it("tells every wire of a flow from the others", () => {
    const wires = wiresOf(rack().document);
    expect(new Set(wires.map(wireKey)).size).toBe(wires.length);
  });

  it("tells a wire from the one the other way", () => {
    expect(wireKey({ from: "a", to: "b" })).not.toBe(wireKey({ from: "b", to: "a" }));
  });

  it("does not depend on the queue", () => {
    const ends = { from: "a", to: "b" };
    expect(wireKey({ ...ends, capacity: 5 })).toBe(wireKey(ends));
  });
});

it("takes a flow without wires as one with none", () => {
  const { wires: _wires, ...document } = rack().document;
  expect(wiresOf(document)).toEqual([]);
});

it("knows a subflow by its parameters, even when it has none", () => {
  expect(isSubflow(rack().document)).toBe(false);
  expect(isSubflow({ ...rack().document, parameters: {} })).toBe(true);
});

it("begins with a flow that can be imported", () => {
  const flow = emptyFlow("new");
  expect(parseFlow(JSON.stringify(flow))).toEqual(flow);
});
