import { describe, expect, it } from "vitest";
import { changedNodes, diff, diffDocuments } from "./diff";
import { moveNodes, remove, rename, setEnabled, setSettings, setWire } from "./edit";
import type { Draft } from "./flow";
import { draftOf, flowOf, rack } from "./testing";

const places = (before: Draft, after: Draft) => {
  const { logic, layout } = diff(before, after);
  return {
    logic: logic.map(({ place, kind }) => `${kind} ${place}`),
    layout: layout.map(({ place, kind }) => `${kind} ${place}`),
  };
};
const withLayout = (change: Partial<Draft["layout"]>): Draft => {
  const draft = rack();
  return { ...draft, layout: { ...draft.layout, ...change } };
};

describe("diff", () => {
  it("is empty between equal drafts", () => {
    expect(diff(rack(), rack())).toEqual({ logic: [], layout: [] });
  });

  it("tells a moved node as layout alone", () => {
    expect(places(rack(), moveNodes(rack(), { decode: { x: 1, y: 1 } }))).toEqual({
      logic: [],
      layout: ["changed position.decode"],
    });
  });

  it("tells a setting as logic alone, with both values", () => {
    const after = setSettings(rack(), "decode", { database: "other.dbc" });
    expect(diff(rack(), after)).toEqual({
      logic: [
        {
          place: "nodes.decode",
          kind: "changed",
          before: { type: "can/decode", database: "dbc/pylontech-lv.dbc" },
          after: { type: "can/decode", database: "other.dbc" },
        },
      ],
      layout: [],
    });
  });

  it("tells a removed node with its wires, position and group", () => {
    expect(places(rack(), remove(rack(), { nodes: ["soc_low"], wires: [] }))).toEqual({
      logic: [
        "removed nodes.soc_low",
        "removed wires.decode>soc_low",
        "removed wires.soc_low.alarm>publish",
      ],
      layout: ["removed position.soc_low", "changed group.group", "changed pinned wires"],
    });
  });

  it("tells the same the other way round, added for removed", () => {
    const after = remove(rack(), { nodes: ["soc_low"], wires: [] });
    const there = diff(rack(), after).logic;
    const back = diff(after, rack()).logic;
    const turned = { added: "removed", removed: "added", changed: "changed" };
    expect(back.map(({ place, kind }) => [place, turned[kind]])).toEqual(
      there.map(({ place, kind }) => [place, kind]),
    );
  });

  it("tells a renamed node as one gone and one new", () => {
    const { logic } = places(rack(), rename(rack(), "mean", "average"));
    expect(logic).toContain("removed nodes.mean");
    expect(logic).toContain("added nodes.average");
  });

  it("tells a queue as a change of the wire", () => {
    const after = setWire(rack(), "mean>publish", {});
    expect(places(rack(), after).logic).toEqual(["changed wires.mean>publish"]);
  });

  it.each([
    ["changed name", { name: "other" }],
    ["added description", { description: "A rack." }],
    ["added parameters", { parameters: {} }],
    ["removed resources.battery_bus", { resources: { cloud: rack().document.resources?.cloud } }],
  ])("tells %s", (place, change) => {
    const { document, layout } = rack();
    const after = { document: { ...document, ...change } as Draft["document"], layout };
    expect(places(rack(), after)).toEqual({ logic: [place], layout: [] });
  });

  it.each([
    ["removed note.note", { notes: [] }],
    ["removed group.group", { groups: [] }],
    ["changed pinned wires", { pins: [] }],
    ["changed lock", { locked: true }],
  ])("tells %s as layout", (place, change) => {
    expect(places(rack(), withLayout(change))).toEqual({ logic: [], layout: [place] });
  });

  it("does not mind the order of nodes, keys and wires", () => {
    const { document, layout } = rack();
    const turned = {
      ...document,
      nodes: Object.fromEntries(Object.entries(document.nodes).reverse()),
      wires: document.wires?.toReversed() ?? [],
    };
    expect(diff(rack(), { document: turned, layout })).toEqual({ logic: [], layout: [] });
  });

  it("does not mind whether empty sections are written", () => {
    const { wires: _wires, ...short } = flowOf({});
    expect(diffDocuments(short, { ...short, resources: {}, wires: [] })).toEqual([]);
  });

  it("tells a node by a name that every object knows", () => {
    const after = draftOf({ constructor: "core/debug" });
    expect(places(draftOf({}), after).logic).toEqual(["added nodes.constructor"]);
    expect(places(after, draftOf({})).logic).toEqual(["removed nodes.constructor"]);
  });
});

describe("changedNodes", () => {
  const changed = (after: Draft) => [...changedNodes(diff(rack(), after).logic)].sort();

  it("gives nodes that are new or differ", () => {
    expect(changed(setEnabled(rack(), ["decode", "mean"], false))).toEqual(["decode", "mean"]);
    const more = rack();
    more.document.nodes.debug = { type: "core/debug" };
    expect(changed(more)).toEqual(["debug"]);
  });

  it("gives the nodes at both ends of a wire that differs", () => {
    expect(changed(setWire(rack(), "soc_low.alarm>publish", { capacity: 1 }))).toEqual([
      "publish",
      "soc_low",
    ]);
    const cut = remove(rack(), { nodes: [], wires: ["decode>mean"] });
    expect(changed(cut)).toEqual(["decode", "mean"]);
  });

  it("gives the neighbours of a removed node, not the node", () => {
    expect(changed(remove(rack(), { nodes: ["mean"], wires: [] }))).toEqual(["decode", "publish"]);
  });

  it("gives no resources", () => {
    const after = rack();
    after.document.resources = {};
    expect(changed(after)).toEqual([]);
  });
});
