import { describe, expect, it } from "vitest";
import { setEnabled } from "./edit";
import { reach, search, searchAll } from "./search";
import { flowOf, rack } from "./testing";

const FACTS = { problems: new Set(["mean"]), changed: new Set(["decode", "gone"]) };
const ALL = Object.keys(rack().document.nodes);
const found = (query: string, document = rack().document) => search(document, query, FACTS);

describe("search", () => {
  it.each([
    ["", ALL],
    ["   ", ALL],
    ["soc", ["soc_low", "mean"]],
    ["SOC", ["soc_low", "mean"]],
    ["soc below", ["soc_low"]],
    ["below soc", ["soc_low"]],
    ["pylontech", ["decode"]],
    ["60", ["mean"]],
    ["nowhere", []],
    ["type:logic", ["soc_low", "mean"]],
    ["type:CAN/DECODE", ["decode"]],
    ["type:", ALL],
    ["uses:battery_bus", ["receive"]],
    ["uses:cloud", ["publish"]],
    ["uses:every", ["mean"]],
    ["uses:SOC", ["soc_low", "mean"]],
    ["uses:can/decode", []],
    ["is:problem", ["mean"]],
    ["is:changed", ["decode"]],
    ["is:problem is:changed", []],
    ["type:logic is:problem", ["mean"]],
    ["is:unused", []],
    ["is:off", []],
    ["is:nonsense", []],
  ])("finds by %j", (query, ids) => {
    expect(found(query)).toEqual(ids);
  });

  it("finds words inside lists and tables", () => {
    const document = flowOf({
      poll: { type: "modbus/poll", registers: [{ signal: "Voltage", unit: "V" }] },
    });
    expect(found("uses:voltage", document)).toEqual(["poll"]);
    expect(found("uses:registers", document)).toEqual(["poll"]);
    expect(found("uses:poll", document)).toEqual([]);
  });

  it("does not mind capital letters in the flow", () => {
    const document = flowOf({ poll: { type: "acme/Poll", Unit: 1 } });
    expect(found("type:poll", document)).toEqual(["poll"]);
    expect(found("uses:unit", document)).toEqual(["poll"]);
  });

  it("does not take what it does not know for something else", () => {
    expect(found("is:nonsense", flowOf({ a: "x" }))).toEqual([]);
    expect(found("a:unused", flowOf({ a: "x" }))).toEqual([]);
  });

  it("finds what is off", () => {
    expect(found("is:off", setEnabled(rack(), ["decode"], false).document)).toEqual(["decode"]);
  });

  it("finds what is wired at neither end", () => {
    expect(found("is:unused", flowOf({ a: "x", b: "x", c: "x" }, "a.out > b.in"))).toEqual(["c"]);
  });

  it("takes a colon of no known key as text", () => {
    const document = flowOf({ a: { type: "x", at: "http://host:80" }, b: "x" });
    expect(found("host:80", document)).toEqual(["a"]);
  });
});

describe("reach", () => {
  const to = (way: "upstream" | "downstream", ...ids: string[]) =>
    reach(rack().document, ids, way).sort();

  it("goes with the messages", () => {
    expect(to("downstream", "soc_low")).toEqual(["publish", "soc_low"]);
    expect(to("downstream", "receive")).toEqual([...ALL].sort());
  });

  it("goes against the messages", () => {
    expect(to("upstream", "soc_low")).toEqual(["decode", "receive", "soc_low"]);
    expect(to("upstream", "publish")).toEqual([...ALL].sort());
  });

  it("begins at several nodes", () => {
    expect(to("downstream", "soc_low", "mean")).toEqual(["mean", "publish", "soc_low"]);
  });

  it("comes to an end in a ring", () => {
    const ring = flowOf({ a: "x", b: "x", c: "x" }, "a > b", "b > a", "b > b", "c > a");
    expect(reach(ring, ["a"], "downstream").sort()).toEqual(["a", "b"]);
    expect(reach(ring, ["a"], "upstream").sort()).toEqual(["a", "b", "c"]);
  });

  it("is the same relation from either side", () => {
    for (const a of ALL) {
      for (const b of ALL) {
        expect(to("downstream", a).includes(b)).toBe(to("upstream", b).includes(a));
      }
    }
  });
});

describe("searchAll", () => {
  const flows = ["one", "two"].map((name) => ({
    ...flowOf({ soc_low: { type: "logic/threshold", signal: "SOC" }, all: "mqtt/publish" }),
    name,
  }));

  it("tells the flow and the node, by a node's name, a signal or a setting", () => {
    const both = flows.map(({ name }) => ({ flow: name, node: "soc_low" }));
    for (const query of ["soc_low", "uses:soc", "threshold"]) {
      expect(searchAll(flows, query)).toEqual({ hits: both, more: 0 });
    }
  });

  it("finds nothing by nothing, and lists no more than fifty", () => {
    expect(searchAll(flows, " ")).toEqual({ hits: [], more: 0 });
    const many = Array.from({ length: 60 }, (_, at) => ({ ...flows[0], name: `f${at}` }));
    const found = searchAll(many as typeof flows, "publish");
    expect([found.hits.length, found.more]).toEqual([50, 10]);
  });
});
