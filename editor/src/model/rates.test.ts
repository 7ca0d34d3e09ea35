import { describe, expect, it } from "vitest";
import type { GatewayState, NodeState } from "../api/types";
import { formatRate, nodeKey, outputKey, ratesBetween } from "./rates";

function node(received: number, outputs: Record<string, number>): NodeState {
  const sent = Object.values(outputs).reduce((sum, one) => sum + one, 0);
  return {
    type: "can/decode",
    status: "",
    ok: true,
    received,
    sent,
    errors: 0,
    drops: {},
    busy_seconds: 0,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([port, count]) => [port, { sent: count, last: null }]),
    ),
  };
}

const running = (nodes: Record<string, NodeState>): GatewayState => ({
  flows: { rack: { state: "running", nodes } },
});
const NONE = { nodes: {}, outputs: {} };

describe("ratesBetween", () => {
  const before = running({ decode: node(100, { out: 90, undecodable: 10 }) });
  const after = running({ decode: node(300, { out: 270, undecodable: 30 }) });

  it("counts each output, and a node by its busier side", () => {
    expect(ratesBetween(before, after, 2)).toEqual({
      nodes: { [nodeKey("rack", "decode")]: 100 },
      outputs: {
        [outputKey("rack", "decode", "out")]: 90,
        [outputKey("rack", "decode", "undecodable")]: 10,
      },
    });
  });

  it("goes by what a source sends and by what a sink receives", () => {
    const zero = running({ a: node(0, { out: 0 }), z: node(0, {}) });
    const later = running({ a: node(0, { out: 30 }), z: node(20, {}) });
    expect(ratesBetween(zero, later, 1).nodes).toEqual({ "rack/a": 30, "rack/z": 20 });
  });

  it("counts from zero what began anew", () => {
    const restarted = running({ decode: node(10, { out: 8, undecodable: 0 }) });
    expect(ratesBetween(after, restarted, 2)).toEqual({
      nodes: { "rack/decode": 5 },
      outputs: { "rack/decode.out": 4, "rack/decode.undecodable": 0 },
    });
  });

  it("counts from zero what is new", () => {
    expect(ratesBetween({ flows: {} }, after, 1).outputs["rack/decode.out"]).toBe(270);
    expect(ratesBetween(running({}), after, 1).nodes["rack/decode"]).toBe(300);
  });

  it("forgets what is gone", () => {
    expect(ratesBetween(after, { flows: {} }, 1)).toEqual(NONE);
  });

  it("knows nothing of a flow that failed", () => {
    expect(ratesBetween(before, { flows: { rack: { state: "failed" } } }, 1)).toEqual(NONE);
  });

  it.each([0, -1])("knows nothing after %d seconds", (seconds) => {
    expect(ratesBetween(before, after, seconds)).toEqual(NONE);
  });

  it("never is negative", () => {
    for (const [a, b] of [
      [before, after],
      [after, before],
      [after, after],
    ] as const) {
      const { nodes, outputs } = ratesBetween(a, b, 1);
      for (const rate of [...Object.values(nodes), ...Object.values(outputs)]) {
        expect(rate).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe("formatRate", () => {
  it.each([
    [0, ""],
    [-1, ""],
    [Number.NaN, ""],
    [0.2, "0.2 /s"],
    [9.94, "9.9 /s"],
    [10, "10 /s"],
    [712.3, "712 /s"],
    [1000, "1.0 k/s"],
    [3449, "3.4 k/s"],
    [10_000, "10 k/s"],
    [123_456, "123 k/s"],
  ])("writes %d as %j", (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });
});
