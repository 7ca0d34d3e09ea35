import { describe, expect, it } from "vitest";
import { layOut } from "./arrange";
import type { Point } from "./flow";
import { flowOf, TYPES } from "./testing";

/** The nodes from the uppermost to the lowest. */
function downwards(points: Record<string, Point>, ...ids: string[]): string[] {
  return ids.toSorted((a, b) => (points[a]?.y ?? 0) - (points[b]?.y ?? 0));
}

const laid = (nodes: Record<string, string>, ...wires: string[]) =>
  layOut(flowOf(nodes, ...wires), TYPES);

describe("the order of cards in a column", () => {
  it("follows the ports that feed them", () => {
    const nodes = { split: "logic/switch", low: "mqtt/publish", high: "mqtt/publish" };
    const points = laid(nodes, "split.otherwise > low", "split.match > high");
    expect(downwards(points, "low", "high")).toEqual(["high", "low"]);
  });

  it("is that of the file where wires do not care", () => {
    const nodes = { one: "can/receive", two: "can/receive", all: "mqtt/publish" };
    const points = laid(nodes, "two > all", "one > all");
    expect(downwards(points, "one", "two")).toEqual(["one", "two"]);
    const apart = laid({ a: "core/inject", b: "core/inject", c: "core/inject" });
    expect(downwards(apart, "c", "b", "a")).toEqual(["a", "b", "c"]);
  });

  it("keeps chains apart, the first of the file above", () => {
    const nodes = {
      frames1: "can/receive",
      frames2: "can/receive",
      rack1: "can/decode",
      rack2: "can/decode",
      all: "modbus/server",
    };
    const points = laid(nodes, "frames1 > rack1", "frames2 > rack2", "rack2 > all", "rack1 > all");
    expect(downwards(points, "frames2", "frames1")).toEqual(["frames1", "frames2"]);
    expect(downwards(points, "rack2", "rack1")).toEqual(["rack1", "rack2"]);
  });

  it("finds what takes more than one swap", () => {
    const nodes = {
      decode: "can/decode",
      readings: "modbus/server",
      requests: "logic/switch",
      fresh: "logic/aggregate",
      lapses: "mqtt/publish",
      together: "logic/aggregate",
    };
    const points = laid(
      nodes,
      "decode > readings",
      "decode > fresh",
      "fresh > together",
      "requests.match > together",
      "requests.otherwise > lapses",
    );
    expect(downwards(points, "readings", "fresh", "requests")).toEqual([
      "readings",
      "fresh",
      "requests",
    ]);
    expect(downwards(points, "lapses", "together")).toEqual(["together", "lapses"]);
  });

  it("is found soon in a large flow, too", () => {
    const ids = Array.from({ length: 300 }, (_, at) => `n${at}`);
    const nodes = Object.fromEntries(ids.map((id) => [id, "core/delay"]));
    const wires = ids.slice(1).map((id, at) => `n${Math.floor(at / 3)} > ${id}`);
    const begun = performance.now();
    expect(Object.keys(laid(nodes, ...wires))).toHaveLength(300);
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});
