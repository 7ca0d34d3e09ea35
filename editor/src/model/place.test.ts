import { describe, expect, it } from "vitest";
import { wireKey, wiresOf } from "./flow";
import { parsePlace, steps } from "./place";
import { flowOf, rack } from "./testing";

const { document } = rack();

describe("parsePlace", () => {
  it.each([
    ["nodes.decode", { node: "decode", path: [] }],
    ["nodes.decode.database", { node: "decode", path: ["database"] }],
    ["nodes.ems.registers[3].signal", { node: "ems", path: ["registers", 3, "signal"] }],
    ["nodes.soc-low.below", { node: "soc-low", path: ["below"] }],
    ["nodes.x.matrix[0][12]", { node: "x", path: ["matrix", 0, 12] }],
    ["nodes.x.topics.My Topic", { node: "x", path: ["topics", "My Topic"] }],
    ["resources.cloud", { resource: "cloud", path: [] }],
    ["resources.cloud.host", { resource: "cloud", path: ["host"] }],
  ])("finds %s", (place, found) => {
    expect(parsePlace(place, document)).toEqual(found);
  });

  it.each([
    ["nodes.guard/soc_low", { node: "guard", path: [] }],
    ["nodes.guard/soc_low.signal", { node: "guard", path: ["signal"] }],
    ["nodes.guard/inner/soc_low", { node: "guard", path: [] }],
    ["nodes.guard: wires[2]", { node: "guard", path: [] }],
    ["nodes.guard/inner: wires[2]", { node: "guard", path: [] }],
    ["resources.guard/bus.channel", { node: "guard", path: ["channel"] }],
    ["wires: guard/a.out to guard/b", { node: "guard", path: [] }],
  ])("finds the subflow of %s", (place, found) => {
    expect(parsePlace(place, document)).toEqual(found);
  });

  it.each([
    "",
    "name",
    "flowrt",
    "nodes",
    "resources",
    "wires",
    "wires: ",
    "nodes[0]",
    "rack.json",
  ])("points at nothing for %j", (place) => {
    expect(parsePlace(place, document)).toEqual({ path: [] });
  });

  it("finds every wire by its position", () => {
    for (const [at, wire] of wiresOf(document).entries()) {
      const found = { wire: wireKey(wire), path: [] };
      expect(parsePlace(`wires[${at}]`, document)).toEqual(found);
      expect(parsePlace(`wires[${at}].from`, document)).toEqual(found);
    }
  });

  it("points at nothing behind the last wire", () => {
    expect(parsePlace("wires[5]", document)).toEqual({ path: [] });
    expect(parsePlace("wires[0]", flowOf({}))).toEqual({ path: [] });
  });
});

describe("parsePlace of a wire between two ends", () => {
  const found = (place: string, ...wires: string[]) => parsePlace(place, flowOf({}, ...wires)).wire;

  it("finds a wire that leaves the first port out", () => {
    expect(found("wires: decode.out to soc_low", "decode > soc_low")).toBe("decode>soc_low");
  });

  it("finds a wire that names its ports", () => {
    const place = "wires: decode.out to soc_low";
    expect(found(place, "decode.out > soc_low.in")).toBe("decode.out>soc_low.in");
  });

  it("finds the wire from the named port, wherever the other is written", () => {
    const place = "wires: decode.undecodable to log";
    const key = "decode.undecodable>log";
    expect(found(place, "decode > log", "decode.undecodable > log")).toBe(key);
    expect(found(place, "decode.undecodable > log", "decode > log")).toBe(key);
  });

  it("takes the wire without a port for the one from the first", () => {
    const place = "wires: decode.out to log";
    expect(found(place, "decode.undecodable > log", "decode > log")).toBe("decode>log");
  });

  it("does not take ids that only begin alike", () => {
    expect(found("wires: a.out to b", "a-2 > b", "a > b_2", "a2.out > b")).toBeUndefined();
  });

  it("finds the wire out of a subflow and into one", () => {
    const wires = ["decode > guard", "guard.alarm > publish"];
    expect(found("wires: decode.out to guard/given", ...wires)).toBe("decode>guard");
    expect(found("wires: guard/low.alarm to publish", ...wires)).toBe("guard.alarm>publish");
  });

  it("finds each wire of a flow", () => {
    for (const wire of wiresOf(document)) {
      const from = wire.from.includes(".") ? wire.from : `${wire.from}.out`;
      expect(parsePlace(`wires: ${from} to ${wire.to}`, document).wire).toBe(wireKey(wire));
    }
  });
});

it("counts list positions as numbers, and keeps names that look like them", () => {
  expect(steps("a[0].1.b[x]")).toEqual(["a", 0, "1", "b", "[x]"]);
});
