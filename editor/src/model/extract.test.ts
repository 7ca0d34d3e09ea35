import { expect, it } from "vitest";
import { extract } from "./extract";
import { flowOf, frozen, rack, TYPES, written } from "./testing";

const types = {
  ...TYPES,
  "mqtt/publish": {
    ...TYPES["mqtt/publish"],
    settings: { properties: { broker: { "x-resource": "mqtt/broker" } } },
  },
} as typeof TYPES;

it("puts one node in the place of those that were taken out, with every wire kept", () => {
  const { outer, inner, id } = extract(frozen(rack()), types, ["soc_low", "mean"], "judge");
  expect(id).toBe("judge");
  expect(Object.keys(outer.document.nodes)).toEqual(["receive", "decode", "publish", "judge"]);
  expect(written(outer.document)).toEqual([
    "receive > decode",
    "decode > judge.decode",
    "judge.soc_low_alarm > publish",
    "judge.mean_out > publish",
  ]);
  expect(outer.document.wires?.at(-1)).toMatchObject({ overflow: "drop-oldest", capacity: 100 });
  expect(outer.layout.nodes.judge).toEqual({ x: 480, y: 80 });
  expect(outer.layout.groups).toEqual([]);
  expect(inner).toMatchObject({ name: "judge", parameters: {} });
  expect(Object.entries(inner.nodes).map(([name, { type }]) => [name, type])).toEqual([
    ["decode", "core/input"],
    ["soc_low", "logic/threshold"],
    ["mean", "logic/aggregate"],
    ["soc_low_alarm", "core/output"],
    ["mean_out", "core/output"],
  ]);
  expect(written(inner)).toEqual([
    "decode > soc_low",
    "decode > mean",
    "soc_low.alarm > soc_low_alarm",
    "mean > mean_out",
  ]);
});

it("gives the subflow the resources that its nodes use, as parameters", () => {
  const { outer, inner } = extract(frozen(rack()), types, ["mean", "publish"], "uplink");
  expect(inner.parameters).toEqual({ cloud: {} });
  expect(inner.nodes.publish).toMatchObject({ broker: `\${cloud}` });
  expect(outer.document.nodes.uplink).toEqual({ type: "flow/uplink", cloud: "cloud" });
  expect(outer.document.resources).toEqual(rack().document.resources);
  expect(written(inner)).toContain("mean > publish");
  expect(written(outer.document)).toContain("soc_low.alarm > uplink.soc_low_alarm");
});

it("gives ports free names, and an output that goes to two nodes one port", () => {
  const document = flowOf(
    {
      a: "core/inject",
      b: "core/delay",
      b_out: "core/delay",
      c: "mqtt/publish",
      d: "mqtt/publish",
    },
    "a > b",
    "b > b_out",
    "b > c",
    "b > d",
  );
  const layout = { nodes: {}, notes: [], groups: [], pins: [] };
  const { outer, inner } = extract({ document, layout }, types, ["b", "b_out"], "part");
  expect(written(outer.document)).toEqual(["a > part.a", "part.b_out_2 > c", "part.b_out_2 > d"]);
  expect(written(inner)).toEqual(["a > b", "b > b_out", "b > b_out_2"]);
});
