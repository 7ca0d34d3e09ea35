import { describe, expect, it } from "vitest";
import { diffDocuments } from "./diff";
import {
  connect,
  remove,
  rename,
  setEnabled,
  setResource,
  setSettings,
  setWire,
  splice,
} from "./edit";
import type { Draft, FlowDocument } from "./flow";
import { merge } from "./merge";
import { frozen, rack, TYPES } from "./testing";

const base = frozen(rack().document);
const changedBy = (edit: (draft: Draft) => Draft): FlowDocument => frozen(edit(rack()).document);

const CHANGES: Record<string, FlowDocument> = {
  nothing: frozen(rack().document),
  setting: changedBy((d) => setSettings(d, "soc_low", { signal: "SOC", below: 15 })),
  off: changedBy((d) => setEnabled(d, ["mean"], false)),
  renamed: changedBy((d) => rename(d, "mean", "average")),
  removed: changedBy((d) => remove(d, { nodes: ["decode"], wires: [] })),
  wired: changedBy((d) =>
    connect(d, TYPES, { source: "decode", output: "undecodable", target: "publish", input: "" }),
  ),
  cut: changedBy((d) => remove(d, { nodes: [], wires: ["decode>mean"] })),
  queue: changedBy((d) => setWire(d, "mean>publish", { overflow: "block" })),
  spliced: changedBy((d) => splice(d, TYPES, "receive>decode", "mean")),
  resource: changedBy((d) => setResource(d, "cloud", { type: "mqtt/broker", host: "other" })),
  described: { ...rack().document, description: "One rack." },
  parameters: { ...rack().document, parameters: { limit: { default: 20 } } },
  empty: { flowrt: 1, name: "rack", nodes: {} },
};
const each = Object.entries(CHANGES);

describe.each(each)("merge of %s", (_name, changed) => {
  it("gives it where only I changed", () => {
    const merged = merge(base, changed, base);
    expect(merged.clashes).toEqual([]);
    expect(diffDocuments(merged.document, changed)).toEqual([]);
  });

  it("gives it where only they changed", () => {
    const merged = merge(base, base, changed);
    expect(merged.clashes).toEqual([]);
    expect(diffDocuments(merged.document, changed)).toEqual([]);
  });

  it("gives it where both changed the same", () => {
    const merged = merge(base, changed, structuredClone(changed));
    expect(merged.clashes).toEqual([]);
    expect(diffDocuments(merged.document, changed)).toEqual([]);
  });

  it("keeps every change of mine, whatever they changed", () => {
    for (const [, theirs] of each) {
      const { document } = merge(base, changed, theirs);
      const left = new Set(diffDocuments(document, changed).map(({ place }) => place));
      for (const { place } of diffDocuments(base, changed)) expect(left).not.toContain(place);
    }
  });

  it("clashes just where both changed, and not alike", () => {
    for (const [, theirs] of each) {
      const mine = new Map(diffDocuments(base, changed).map((one) => [one.place, one]));
      const both = diffDocuments(base, theirs).filter(
        (one) => mine.has(one.place) && JSON.stringify(mine.get(one.place)) !== JSON.stringify(one),
      );
      const { clashes } = merge(base, changed, theirs);
      expect(clashes.map(({ place }) => place).sort()).toEqual(
        both.map(({ place }) => place).sort(),
      );
    }
  });
});

describe("merge", () => {
  const below = (limit: number) =>
    changedBy((d) => setSettings(d, "soc_low", { signal: "SOC", below: limit }));

  it("puts changes of different nodes together", () => {
    const { document, clashes } = merge(base, below(15), CHANGES.off as FlowDocument);
    expect(clashes).toEqual([]);
    expect(document.nodes.soc_low?.below).toBe(15);
    expect(document.nodes.mean?.enabled).toBe(false);
  });

  it("lets mine stand in a clash, and tells all three", () => {
    const { document, clashes } = merge(base, below(15), below(10));
    expect(document.nodes.soc_low?.below).toBe(15);
    expect(clashes).toEqual([
      {
        place: "nodes.soc_low",
        base: base.nodes.soc_low,
        mine: below(15).nodes.soc_low,
        theirs: below(10).nodes.soc_low,
      },
    ]);
  });

  it("clashes where I removed what they changed", () => {
    const mine = changedBy((d) => remove(d, { nodes: ["soc_low"], wires: [] }));
    const { document, clashes } = merge(base, mine, below(10));
    expect(document.nodes).not.toHaveProperty("soc_low");
    expect(clashes).toMatchObject([{ place: "nodes.soc_low", mine: undefined }]);
  });

  it("clashes where they removed what I changed", () => {
    const theirs = changedBy((d) => remove(d, { nodes: ["soc_low"], wires: [] }));
    const { document, clashes } = merge(base, below(15), theirs);
    expect(document.nodes.soc_low?.below).toBe(15);
    expect(clashes).toMatchObject([{ place: "nodes.soc_low", theirs: undefined }]);
  });

  it("clashes where both added another node by one id", () => {
    const added = (type: string): FlowDocument => ({
      ...base,
      nodes: { ...base.nodes, x: { type } },
    });
    const { document, clashes } = merge(base, added("core/debug"), added("core/delay"));
    expect(document.nodes.x).toEqual({ type: "core/debug" });
    expect(clashes).toMatchObject([{ place: "nodes.x", base: undefined }]);
  });

  it("keeps the name that is stored", () => {
    expect(merge(base, { ...base, name: "mine" }, { ...base, name: "theirs" }).document.name).toBe(
      "theirs",
    );
  });

  it("takes a description away that I removed", () => {
    const described = { ...base, description: "One rack." };
    expect(merge(described, base, described).document).not.toHaveProperty("description");
  });

  it("keeps what else the file says", () => {
    const theirs = { ...base, $schema: "flow.schema.json" };
    expect(merge(base, below(15), theirs).document).toHaveProperty("$schema", "flow.schema.json");
  });
});
