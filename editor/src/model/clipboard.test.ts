import { describe, expect, it } from "vitest";
import { copy, type Fragment, parseFragment, paste } from "./clipboard";
import { diff } from "./diff";
import { remove } from "./edit";
import { type Draft, splitEnd, wiresOf } from "./flow";
import { NotAFlow } from "./parse";
import { draftOf, frozen, rack, written } from "./testing";

const ALL = Object.keys(rack().document.nodes);
const fragment = (more: object) => JSON.stringify({ ...copy(rack(), ["decode"]), ...more });

describe("copy", () => {
  it("takes the nodes, the wires between them, and where they stood", () => {
    const taken = copy(rack(), ["decode", "soc_low"]);
    expect(Object.keys(taken.nodes)).toEqual(["decode", "soc_low"]);
    expect(taken.wires).toEqual([{ from: "decode", to: "soc_low" }]);
    expect(taken.positions).toEqual({ decode: { x: 240, y: 80 }, soc_low: { x: 480, y: 0 } });
  });

  it("takes the resources that they use, and no others", () => {
    expect(Object.keys(copy(rack(), ["receive"]).resources)).toEqual(["battery_bus"]);
    expect(copy(rack(), ["decode"]).resources).toEqual({});
  });

  it("takes queues along", () => {
    expect(copy(rack(), ["mean", "publish"]).wires).toEqual([
      { from: "mean", to: "publish", overflow: "drop-oldest", capacity: 100 },
    ]);
  });

  it("leaves out ids that are no nodes", () => {
    expect(Object.keys(copy(rack(), ["note", "decode", "constructor"]).nodes)).toEqual(["decode"]);
  });

  it("takes nothing for nothing", () => {
    expect(copy(rack(), [])).toMatchObject({ nodes: {}, resources: {}, wires: [], positions: {} });
  });
});

describe("parseFragment", () => {
  it("reads what was copied", () => {
    const taken = copy(rack(), ALL);
    expect(parseFragment(JSON.stringify(taken))).toEqual(taken);
  });

  it("reads a whole flow", () => {
    const { document } = rack();
    expect(parseFragment(JSON.stringify(document))).toMatchObject({
      fragment: true,
      nodes: document.nodes,
      resources: document.resources,
      wires: document.wires,
      positions: {},
    });
  });

  it("reads a flow that leaves resources and wires out", () => {
    const text = JSON.stringify({ flowrt: 1, name: "a", nodes: { a: { type: "core/debug" } } });
    expect(parseFragment(text)).toMatchObject({ resources: {}, wires: [] });
  });

  it.each([
    ["hello", /^This is not JSON/],
    ["[]", /^A flow is a JSON object/],
    ["null", /^A flow is a JSON object/],
    ['{"fragment": true}', /^A flow begins with/],
    [fragment({ nodes: null }), /^"nodes" must be/],
    [fragment({ nodes: [] }), /^"nodes" must be/],
    [fragment({ nodes: { a: {} } }), /^nodes\.a has no "type"/],
    [fragment({ resources: null }), /^"resources" must be/],
    [fragment({ resources: { bus: 1 } }), /^resources\.bus has no "type"/],
    [fragment({ wires: [null] }), /^"wires" must be/],
    [fragment({ fragment: false }), /^The flow has no "name"/],
  ])("refuses %j", (text, message) => {
    expect(() => parseFragment(text)).toThrow(NotAFlow);
    expect(() => parseFragment(text)).toThrow(message);
  });

  it("leaves out positions that are no points", () => {
    expect(parseFragment(fragment({ positions: { decode: { x: "a" } } })).positions).toEqual({});
    expect(parseFragment(fragment({ positions: null })).positions).toEqual({});
  });
});

describe("paste", () => {
  const at = { x: 1000, y: 2000 };
  const empty = () => draftOf({});
  const pasted = (into: Draft, from: Draft, ids: string[] = ALL) =>
    paste(into, copy(from, ids), at);

  it("brings everything into an empty flow", () => {
    const { document } = pasted(empty(), rack()).draft;
    expect(document).toEqual({ ...rack().document, name: "flow" });
  });

  it("puts the top left corner at the point and keeps distances", () => {
    const { nodes } = pasted(empty(), rack()).draft.layout;
    expect(nodes.receive).toEqual({ x: 1000, y: 2080 });
    expect(nodes.soc_low).toEqual({ x: 1480, y: 2000 });
    expect(nodes.publish).toEqual({ x: 1720, y: 2080 });
  });

  it("puts nodes without a position one below the other", () => {
    const flow = parseFragment(JSON.stringify(rack().document));
    const points = Object.values(paste(empty(), flow, at).draft.layout.nodes);
    expect(points[0]).toEqual(at);
    const ys = points.map(({ y }) => y);
    expect(ys).toEqual([...new Set(ys)].sort((a, b) => a - b));
  });

  it("gives taken ids a number, in wires too", () => {
    const { draft, ids } = pasted(rack(), rack(), ["decode", "soc_low", "publish"]);
    expect(ids).toEqual(["decode_2", "soc_low_2", "publish_2"]);
    expect(written(draft.document).slice(5)).toEqual([
      "decode_2 > soc_low_2",
      "soc_low_2.alarm > publish_2",
    ]);
  });

  it("leaves what was there as it was", () => {
    const { draft, ids } = pasted(rack(), rack());
    const back = remove(draft, { nodes: ids, wires: [] });
    expect(diff(rack(), back)).toEqual({ logic: [], layout: [] });
  });

  it("does not change what it was given", () => {
    const draft = frozen(rack());
    expect(() => paste(draft, frozen(copy(draft, ALL)), at)).not.toThrow();
    expect(draft).toEqual(rack());
  });

  it("shares a resource that is the same", () => {
    const { document } = pasted(rack(), rack(), ["receive"]).draft;
    expect(document.resources).toEqual(rack().document.resources);
    expect(document.nodes.receive_2?.bus).toBe("battery_bus");
  });

  it("gives a resource that is another a number, and its users the new name", () => {
    const from = rack();
    from.document.resources = { battery_bus: { type: "can/bus", channel: "can1" } };
    const { document } = pasted(rack(), from, ["receive"]).draft;
    expect(document.resources?.battery_bus).toEqual(rack().document.resources?.battery_bus);
    expect(document.resources?.battery_bus_2).toEqual({ type: "can/bus", channel: "can1" });
    expect(document.nodes.receive_2?.bus).toBe("battery_bus_2");
    expect(document.nodes.receive?.bus).toBe("battery_bus");
  });

  it("renames no type", () => {
    const from = draftOf({ a: { type: "can/bus", bus: "can/bus" } });
    from.document.resources = { "can/bus": { type: "can/bus" } };
    const into = draftOf({});
    into.document.resources = { "can/bus": { type: "mqtt/broker" } };
    expect(pasted(into, from, ["a"]).draft.document.nodes.a).toEqual({
      type: "can/bus",
      bus: "can/bus_2",
    });
  });

  it("leaves settings that are words which every object knows", () => {
    const from = draftOf({ a: { type: "core/debug", text: "constructor", name: "toString" } });
    expect(pasted(empty(), from, ["a"]).draft.document.nodes.a).toEqual(from.document.nodes.a);
  });

  it("lets a pasted listener listen to the pasted nodes, and still to the others", () => {
    const from = rack();
    from.document.nodes.catch = { type: "core/catch", nodes: ["decode", "elsewhere"] };
    const { document } = pasted(from, from, ["catch", "decode"]).draft;
    expect(document.nodes.catch_2?.nodes).toEqual(["decode_2", "elsewhere"]);
    expect(document.nodes.catch?.nodes).toEqual(["decode", "elsewhere"]);
  });

  it("can be done over and over", () => {
    let draft = rack();
    for (let n = 1; n < 6; n++) {
      const next = paste(draft, copy(rack(), ALL), at);
      draft = next.draft;
      expect(next.ids).toHaveLength(ALL.length);
      expect(Object.keys(draft.document.nodes)).toHaveLength(ALL.length * (n + 1));
      expect(new Set(written(draft.document)).size).toBe(5 * (n + 1));
    }
    for (const { from, to } of wiresOf(draft.document)) {
      for (const end of [from, to])
        expect(draft.document.nodes).toHaveProperty([splitEnd(end).node]);
    }
  });

  it("brings nothing of an empty fragment", () => {
    const none: Fragment = copy(rack(), []);
    const { draft, ids } = paste(rack(), none, at);
    expect(ids).toEqual([]);
    expect(diff(rack(), draft)).toEqual({ logic: [], layout: [] });
  });
});
