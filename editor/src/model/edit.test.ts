import { describe, expect, it } from "vitest";
import { diff } from "./diff";
import {
  addNode,
  canSplice,
  connect,
  moveNodes,
  remove,
  removeAndHeal,
  removeResource,
  rename,
  type Selection,
  setEnabled,
  setResource,
  setSettings,
  setWire,
  splice,
} from "./edit";
import { type Draft, wiresOf } from "./flow";
import { begin, record, redo, undo } from "./history";
import { subflowType } from "./nodeType";
import { draftOf, frozen, rack, TYPES, written } from "./testing";

const wires = (draft: Draft) => written(draft.document);
const nodes = (...ids: string[]): Selection => ({ nodes: ids, wires: [] });
const ends = (source: string, target: string, output = "", input = "") => ({
  source,
  output,
  target,
  input,
});

const EDITS: Record<string, (draft: Draft) => Draft> = {
  addNode: (draft) => addNode(draft, { type: "core/debug" }, { x: 0, y: 0 }).draft,
  moveNodes: (draft) => moveNodes(draft, { decode: { x: 8, y: 8 } }),
  setSettings: (draft) => setSettings(draft, "soc_low", { signal: "SOH" }),
  setResource: (draft) => setResource(draft, "cloud", { type: "mqtt/broker", host: "other" }),
  removeResource: (draft) => removeResource(draft, "cloud"),
  setEnabled: (draft) => setEnabled(draft, ["decode", "mean"], false),
  rename: (draft) => rename(draft, "soc_low", "low"),
  connect: (draft) => connect(draft, TYPES, ends("decode", "publish", "undecodable")),
  setWire: (draft) => setWire(draft, "mean>publish", { overflow: "drop-newest" }),
  remove: (draft) => remove(draft, { nodes: ["mean", "note"], wires: ["decode>soc_low"] }),
  removeAndHeal: (draft) => removeAndHeal(draft, TYPES, nodes("mean", "soc_low")),
  splice: (draft) => splice(draft, TYPES, "receive>decode", "mean"),
};

describe.each(Object.entries(EDITS))("%s", (_name, edit) => {
  it("changes something", () => {
    const { logic, layout } = diff(rack(), edit(rack()));
    expect([...logic, ...layout]).not.toEqual([]);
  });

  it("leaves the old draft as it is", () => {
    const draft = frozen(rack());
    expect(edit(draft)).not.toBe(draft);
    expect(draft).toEqual(rack());
  });

  it("keeps what it does not change", () => {
    const draft = rack();
    const next = edit(draft);
    for (const { document } of [draft, next]) expect(document.name).toBe("rack");
    expect(next.document.nodes.receive).toBe(draft.document.nodes.receive);
    expect(next.document.resources?.battery_bus).toBe(draft.document.resources?.battery_bus);
  });
});

describe("addNode", () => {
  it("names the node by its type and puts it where it was asked to", () => {
    const added = addNode(rack(), { type: "can/log-reader" }, { x: 3, y: 4 });
    expect(added.id).toBe("log_reader");
    expect(added.draft.document.nodes.log_reader).toEqual({ type: "can/log-reader" });
    expect(added.draft.layout.nodes.log_reader).toEqual({ x: 3, y: 4 });
  });

  it("takes a free id", () => {
    expect(addNode(rack(), { type: "can/decode" }, { x: 0, y: 0 }).id).toBe("decode_2");
    expect(addNode(rack(), { type: "can/decode" }, { x: 0, y: 0 }, "mean").id).toBe("mean_2");
  });
});

describe("setSettings", () => {
  it("replaces all settings", () => {
    const next = setSettings(rack(), "soc_low", { signal: "SOH" });
    expect(next.document.nodes.soc_low).toEqual({ type: "logic/threshold", signal: "SOH" });
  });

  it("keeps the type and whether it is enabled, whatever the settings say", () => {
    const off = setEnabled(rack(), ["soc_low"], false);
    const next = setSettings(off, "soc_low", { type: "core/debug", enabled: true, signal: "SOH" });
    expect(next.document.nodes.soc_low).toEqual({
      type: "logic/threshold",
      enabled: false,
      signal: "SOH",
    });
  });

  it("does nothing to a node that is not there", () => {
    const draft = rack();
    expect(setSettings(draft, "gone", { a: 1 })).toBe(draft);
  });
});

describe("resources", () => {
  it("can be created where the file has none", () => {
    const made = setResource(draftOf({}), "bus", { type: "can/bus" });
    expect(made.document.resources).toEqual({ bus: { type: "can/bus" } });
  });

  it("can be removed, and the nodes keep the name", () => {
    const next = removeResource(rack(), "cloud");
    expect(Object.keys(next.document.resources ?? {})).toEqual(["battery_bus"]);
    expect(next.document.nodes.publish?.broker).toBe("cloud");
  });
});

describe("setEnabled", () => {
  it("writes only what is off, right behind the type", () => {
    const off = setEnabled(rack(), ["decode"], false).document.nodes.decode ?? {};
    expect(Object.entries(off).slice(0, 2)).toEqual([
      ["type", "can/decode"],
      ["enabled", false],
    ]);
  });

  it("leaves no trace when taken back", () => {
    const ids = ["decode", "mean"];
    expect(setEnabled(setEnabled(rack(), ids, false), ids, true)).toEqual(rack());
  });

  it("does not bring back nodes that are gone", () => {
    expect(setEnabled(rack(), ["gone"], false)).toEqual(rack());
  });
});

describe("rename", () => {
  it("takes wires along, also those to ports", () => {
    const next = rename(
      draftOf({ a: "logic/threshold", b: "logic/threshold" }, "a.alarm > b.acknowledge", "b > a"),
      "a",
      "x",
    );
    expect(wires(next)).toEqual(["x.alarm > b.acknowledge", "b > x"]);
  });

  it("does not touch ids that only begin alike", () => {
    const draft = draftOf({ a: "core/delay", a_2: "core/delay", "a-b": "core/delay" }, "a_2 > a-b");
    const next = rename(draft, "a", "x");
    expect(Object.keys(next.document.nodes)).toEqual(["x", "a_2", "a-b"]);
    expect(wires(next)).toEqual(["a_2 > a-b"]);
  });

  it("does not touch ports and settings of the same name", () => {
    const draft = draftOf({ a: { type: "x/y", from: "a" }, b: "core/delay" }, "b.a > a.a");
    const next = rename(draft, "a", "x");
    expect(wires(next)).toEqual(["b.a > x.a"]);
    expect(next.document.nodes.x?.from).toBe("a");
  });

  it("takes position, group and pins along", () => {
    const { layout } = rename(rack(), "soc_low", "low");
    expect(layout.nodes.low).toEqual(rack().layout.nodes.soc_low);
    expect(layout.nodes).not.toHaveProperty("soc_low");
    expect(layout.groups[0]?.members).toEqual(["low", "mean"]);
    expect(layout.pins).toEqual(["decode>low"]);
  });

  it("takes pins of ports along", () => {
    const draft = rack();
    draft.layout.pins = ["soc_low.alarm>publish"];
    expect(rename(draft, "soc_low", "low").layout.pins).toEqual(["low.alarm>publish"]);
  });

  it("keeps the order of the nodes", () => {
    expect(Object.keys(rename(rack(), "decode", "z").document.nodes)[1]).toBe("z");
  });

  it("keeps queues", () => {
    const next = rename(rack(), "mean", "average");
    expect(wiresOf(next.document).at(-1)).toEqual({
      from: "average",
      to: "publish",
      overflow: "drop-oldest",
      capacity: 100,
    });
  });

  it("is taken back by the name before", () => {
    for (const id of Object.keys(rack().document.nodes)) {
      expect(rename(rename(rack(), id, "other"), "other", id)).toEqual(rack());
    }
  });

  // An import may hold such an id, and renaming is how to mend it.
  it("mends ids that are none, with their pins", () => {
    const draft = draftOf({ "a>b": "core/delay", a: "core/delay", c: "core/delay" }, "a>b > c");
    draft.layout.pins = ["a>b>c"];
    expect(rename(draft, "a", "x").layout.pins).toEqual(["a>b>c"]);
    const next = rename(draft, "a>b", "a-b");
    expect(wires(next)).toEqual(["a-b > c"]);
    expect(next.layout.pins).toEqual(["a-b>c"]);
  });

  it("is told to nodes that listen to it", () => {
    const draft = draftOf({
      decode: "can/decode",
      catch: { type: "core/catch", nodes: ["receive", "decode"] },
      all: { type: "core/catch" },
    });
    const next = rename(draft, "decode", "rack");
    expect(next.document.nodes.catch?.nodes).toEqual(["receive", "rack"]);
    expect(next.document.nodes.all).toEqual({ type: "core/catch" });
  });

  it("refuses ids that are taken, and does nothing for nothing", () => {
    const draft = rack();
    expect(rename(draft, "decode", "mean")).toBe(draft);
    expect(rename(draft, "decode", "decode")).toBe(draft);
    expect(rename(draft, "gone", "new")).toBe(draft);
  });

  it("may give a name that every object knows", () => {
    expect(rename(rack(), "mean", "constructor").document.nodes).toHaveProperty(["constructor"]);
  });
});

describe("connect", () => {
  const draft = draftOf({ decode: "can/decode", low: "logic/threshold", other: "x/unknown" });

  it("leaves first ports out and names the others", () => {
    const next = connect(draft, TYPES, ends("decode", "low", "out", "in"));
    const more = connect(next, TYPES, ends("decode", "low", "undecodable", "acknowledge"));
    expect(wires(more)).toEqual(["decode > low", "decode.undecodable > low.acknowledge"]);
  });

  it("names the ports of a type that is not known", () => {
    expect(wires(connect(draft, TYPES, ends("other", "low", "out", "in")))).toEqual([
      "other.out > low",
    ]);
  });

  it("draws no wire twice, however it is written", () => {
    for (const there of ["decode > low", "decode.out > low.in"]) {
      const wired = draftOf({ decode: "can/decode", low: "logic/threshold" }, there);
      expect(connect(wired, TYPES, ends("decode", "low", "out", "in"))).toBe(wired);
    }
  });

  it("begins the list of wires where the file has none", () => {
    const { wires: _none, ...document } = draft.document;
    expect(wires(connect({ ...draft, document }, TYPES, ends("decode", "low")))).toEqual([
      "decode > low",
    ]);
  });
});

describe("setWire", () => {
  it("sets the queue of one wire alone", () => {
    const next = setWire(rack(), "decode>mean", { capacity: 5 });
    const changed = diff(rack(), next).logic;
    expect(changed.map(({ place }) => place)).toEqual(["wires.decode>mean"]);
    expect(changed[0]?.after).toEqual({ from: "decode", to: "mean", capacity: 5 });
  });

  it("takes the queue back to the usual", () => {
    const next = setWire(rack(), "mean>publish", {});
    expect(wiresOf(next.document).at(-1)).toEqual({ from: "mean", to: "publish" });
  });
});

describe("remove", () => {
  it("cuts every wire of a removed node, also those at ports", () => {
    expect(wires(remove(rack(), nodes("soc_low")))).toEqual([
      "receive > decode",
      "decode > mean",
      "mean > publish",
    ]);
  });

  it("cuts a wire alone", () => {
    const next = remove(rack(), { nodes: [], wires: ["soc_low.alarm>publish"] });
    expect(wires(next)).toHaveLength(4);
    expect(next.document.nodes).toEqual(rack().document.nodes);
  });

  it("takes positions and notes away", () => {
    const { layout } = remove(rack(), nodes("decode", "note"));
    expect(layout.nodes).not.toHaveProperty("decode");
    expect(layout.notes).toEqual([]);
  });

  it("takes nodes out of their group, and an empty group away", () => {
    expect(remove(rack(), nodes("mean")).layout.groups[0]?.members).toEqual(["soc_low"]);
    expect(remove(rack(), nodes("mean", "soc_low")).layout.groups).toEqual([]);
  });

  it("leaves the members of a removed group", () => {
    const next = remove(rack(), nodes("group"));
    expect(next.layout.groups).toEqual([]);
    expect(next.document).toEqual(rack().document);
  });

  it("takes the pins of cut wires away", () => {
    expect(remove(rack(), nodes("decode")).layout.pins).toEqual([]);
    expect(remove(rack(), { nodes: [], wires: ["decode>soc_low"] }).layout.pins).toEqual([]);
    expect(remove(rack(), nodes("mean")).layout.pins).toEqual(["decode>soc_low"]);
  });

  it("leaves an empty flow when everything is removed", () => {
    const { document } = remove(rack(), nodes(...Object.keys(rack().document.nodes)));
    expect([document.nodes, document.wires]).toEqual([{}, []]);
  });
});

describe("removeAndHeal", () => {
  const heal = (draft: Draft, ...ids: string[]) =>
    wires(removeAndHeal(draft, TYPES, nodes(...ids))).toSorted();

  it("wires what was before to what was behind", () => {
    const draft = draftOf({ a: "can/receive", b: "core/delay", c: "can/decode" }, "a > b", "b > c");
    expect(heal(draft, "b")).toEqual(["a > c"]);
  });

  it("keeps the ports at both ends", () => {
    const draft = draftOf(
      { a: "can/decode", b: "core/delay", c: "logic/threshold", d: "core/catch" },
      "a.undecodable > b",
      "d > b",
      "b > c.acknowledge",
    );
    expect(heal(draft, "b")).toEqual(["d > c.acknowledge"]);
  });

  it("does not join kinds that do not fit", () => {
    expect(heal(rack(), "decode")).toEqual(["mean > publish", "soc_low.alarm > publish"]);
  });

  it("judges by the kinds that a node passes on", () => {
    const draft = draftOf(
      { a: "can/receive", slow: "core/rate-limit", decode: "can/decode", mean: "logic/aggregate" },
      "a > slow",
      "slow > decode",
      "decode > mean",
    );
    expect(heal(draft, "decode")).toEqual(["a > slow"]);
  });

  it("joins each before with each behind", () => {
    const draft = draftOf(
      { a: "core/delay", b: "core/delay", x: "core/delay", c: "core/delay", d: "core/delay" },
      "a > x",
      "b > x",
      "x > c",
      "x > d",
    );
    expect(heal(draft, "x")).toEqual(["a > c", "a > d", "b > c", "b > d"]);
  });

  it("draws no wire that is there, and none twice", () => {
    const there = draftOf(
      { a: "core/delay", x: "core/delay", c: "core/delay" },
      "a > x",
      "x > c",
      "a.out > c",
    );
    expect(heal(there, "x")).toEqual(["a.out > c"]);
    expect(heal(rack(), "soc_low", "mean")).toEqual(["decode > publish", "receive > decode"]);
  });

  // The frames do not fit the rule between, but they do what is behind it.
  it("heals a chain the same in any order", () => {
    const draft = rack();
    const healed = ["receive > publish"];
    expect(heal(draft, "decode", "soc_low", "mean")).toEqual(healed);
    expect(heal(draft, "mean", "soc_low", "decode")).toEqual(healed);
    expect(heal(draft, "soc_low", "decode", "mean")).toEqual(healed);
  });

  it("wires no node to itself", () => {
    const draft = draftOf({ a: "core/delay", x: "core/delay" }, "a > x", "x > a");
    expect(heal(draft, "x")).toEqual([]);
  });

  it("comes to an end in a ring", () => {
    const draft = draftOf(
      { a: "core/delay", x: "core/delay", y: "core/delay", b: "core/delay" },
      "a > x",
      "x > y",
      "y > x",
      "y > y",
      "y > b",
    );
    expect(heal(draft, "x", "y")).toEqual(["a > b"]);
  });

  it("heals over wires that are selected along with the node", () => {
    const selection = { nodes: ["mean"], wires: ["decode>mean", "mean>publish", "receive>decode"] };
    expect(wires(removeAndHeal(rack(), TYPES, selection)).toSorted()).toEqual([
      "decode > publish",
      "decode > soc_low",
      "soc_low.alarm > publish",
    ]);
  });

  it("does not join types that are not known", () => {
    const draft = draftOf({ a: "x/a", b: "core/delay", c: "mqtt/publish" }, "a > b", "b > c");
    expect(heal(draft, "b")).toEqual([]);
  });
});

describe("canSplice", () => {
  const can = (draft: Draft, key: string, type: string) => canSplice(draft, TYPES, key, type);

  it("takes what fits at both ends", () => {
    expect(can(rack(), "decode>mean", "logic/aggregate")).toBe(true);
    expect(can(rack(), "decode>mean", "core/delay")).toBe(true);
    expect(can(rack(), "decode>mean", "can/decode")).toBe(false);
    expect(can(rack(), "decode>mean", "can/encode")).toBe(false);
  });

  it("judges a wire by its ports", () => {
    expect(can(rack(), "soc_low.alarm>publish", "core/delay")).toBe(true);
    expect(can(rack(), "soc_low.alarm>publish", "logic/aggregate")).toBe(false);
  });

  it("takes neither sources nor sinks", () => {
    for (const type of ["can/receive", "mqtt/publish", "can/bus", "x/unknown"]) {
      expect(can(rack(), "receive>decode", type), type).toBe(false);
    }
  });

  it("takes no wire to a port that is not there", () => {
    for (const wire of ["a.gone > b", "a > b.gone", "a > gone"]) {
      const draft = draftOf({ a: "core/delay", b: "core/delay" }, wire);
      expect(can(draft, wire.replace(" > ", ">"), "core/delay"), wire).toBe(false);
    }
  });

  it("finds no wire that is not there", () => {
    expect(can(rack(), "receive>mean", "core/delay")).toBe(false);
  });

  it("judges by the kinds that arrive through nodes that pass anything on", () => {
    const draft = draftOf(
      { a: "can/receive", slow: "core/rate-limit", publish: "mqtt/publish" },
      "a > slow",
      "slow > publish",
    );
    expect(can(draft, "slow>publish", "can/decode")).toBe(true);
    expect(can(draft, "slow>publish", "logic/aggregate")).toBe(false);
  });

  it("lets no node pass on what the taker does not take", () => {
    const draft = draftOf({ a: "can/receive", mean: "logic/aggregate" }, "a > mean");
    expect(can(draft, "a>mean", "core/delay")).toBe(false);
    expect(can(draft, "a>mean", "can/decode")).toBe(true);
  });

  it("takes a subflow, whatever arrives", () => {
    const inner = draftOf({ given: "core/input", out: "core/output" }).document;
    const types = { ...TYPES, "flow/x": subflowType(inner) };
    const draft = draftOf({ a: "can/receive", mean: "logic/aggregate" }, "a > mean");
    expect(canSplice(draft, types, "a>mean", "flow/x")).toBe(true);
  });
});

describe("splice", () => {
  const loose = (draft: Draft, type: string) =>
    addNode(draft, { type }, { x: 0, y: 0 }, "new").draft;

  it("puts a node into a wire, the queue behind it", () => {
    const next = splice(loose(rack(), "core/delay"), TYPES, "mean>publish", "new");
    expect(wiresOf(next.document).slice(-2)).toEqual([
      { from: "mean", to: "new" },
      { from: "new", to: "publish", overflow: "drop-oldest", capacity: 100 },
    ]);
  });

  it("keeps the ports at both ends", () => {
    const draft = draftOf(
      { a: "logic/threshold", b: "logic/threshold", new: "core/delay" },
      "a.alarm > b.acknowledge",
    );
    expect(wires(splice(draft, TYPES, "a.alarm>b.acknowledge", "new"))).toEqual([
      "a.alarm > new",
      "new > b.acknowledge",
    ]);
  });

  it("does nothing with a sink, or where there is no such wire", () => {
    const draft = rack();
    expect(splice(draft, TYPES, "decode>mean", "receive")).toBe(draft);
    expect(splice(draft, TYPES, "receive>mean", "soc_low")).toBe(draft);
  });

  it("is taken back by healing, in every wire", () => {
    const base = rack().document;
    for (const wire of wiresOf(base)) {
      const spliced = splice(loose(rack(), "core/delay"), TYPES, `${wire.from}>${wire.to}`, "new");
      expect(wires(spliced)).toHaveLength(6);
      const healed = removeAndHeal(spliced, TYPES, nodes("new"));
      expect(diff(rack(), healed).logic).toEqual([]);
    }
  });
});

it("undoes any chain of edits to the very object", () => {
  let history = begin(frozen(rack()));
  const seen = [history.present];
  for (let round = 0; round < 5; round++) {
    for (const edit of Object.values(EDITS)) {
      const next = frozen(edit(history.present));
      if (next === history.present) continue;
      history = record(history, next);
      seen.push(next);
    }
  }
  for (const draft of seen.toReversed()) {
    expect(history.present).toBe(draft);
    history = undo(history);
  }
  for (const draft of seen) {
    expect(history.present).toBe(draft);
    history = redo(history);
  }
});
