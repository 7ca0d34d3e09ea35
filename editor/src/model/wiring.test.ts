import { describe, expect, it } from "vitest";
import { connect } from "./edit";
import type { FlowDocument } from "./flow";
import { type Kind, type NodeTypes, subflowType } from "./nodeType";
import { draftOf, flowOf, frozen, rack, TYPES } from "./testing";
import {
  canonical,
  canStandBetween,
  carried,
  endOf,
  overlap,
  portOf,
  refusal,
  targetsFor,
  words,
} from "./wiring";

const KINDS: Kind[] = ["frame", "signals", "event"];
const portsOf = (type: string) => TYPES[type]?.outputs ?? [];

/** The refusal of a wire written `from > to`. */
function refused(document: FlowDocument, wire: string, types: NodeTypes = TYPES) {
  const [from = "", to = ""] = wire.split(" > ");
  const [source = "", output = ""] = from.split(".");
  const [target = "", input = ""] = to.split(".");
  return refusal(document, types, { source, output, target, input });
}

function leaving(document: FlowDocument, id: string, port = "", types: NodeTypes = TYPES) {
  const output = portOf(types[document.nodes[id]?.type ?? ""]?.outputs ?? [], port);
  return output && carried(document, types, id, output);
}

describe("portOf", () => {
  it("is the first one without a name", () => {
    expect(portOf(portsOf("can/decode"), "")?.name).toBe("out");
  });

  it("is the named one", () => {
    expect(portOf(portsOf("can/decode"), "undecodable")?.name).toBe("undecodable");
  });

  it("is none where there is none", () => {
    expect(portOf(portsOf("can/decode"), "other")).toBeUndefined();
    expect(portOf([], "")).toBeUndefined();
  });
});

describe("endOf", () => {
  it.each([
    ["", "n"],
    ["out", "n"],
    ["undecodable", "n.undecodable"],
  ])("writes port %j as %s", (port, end) => {
    expect(endOf("n", port, portsOf("can/decode"))).toBe(end);
  });

  it("names the port of a type that is not known", () => {
    expect(endOf("n", "out", [])).toBe("n.out");
  });
});

describe("overlap", () => {
  it("holds for kinds in common", () => {
    for (const a of KINDS) for (const b of KINDS) expect(overlap([a], [b])).toBe(a === b);
    expect(overlap(["frame", "event"], ["signals", "event"])).toBe(true);
  });

  it("takes none for any", () => {
    expect(overlap([], ["frame"])).toBe(true);
    expect(overlap(["frame"], [])).toBe(true);
    expect(overlap([], [])).toBe(true);
  });
});

it("names kinds as the command line does", () => {
  expect(words([])).toBe("any");
  expect(words(["signals", "event"])).toBe("signals|event");
});

describe("refusal", () => {
  const { document } = rack();

  it("lets kinds through that fit", () => {
    expect(refused(document, "decode.undecodable > publish")).toBeNull();
    expect(refused(document, "soc_low > soc_low.acknowledge")).toBeNull();
  });

  it("says which kinds do not fit, and what to put between", () => {
    expect(refused(document, "receive > soc_low")).toEqual({
      reason: "receive carries frame, but logic/threshold takes signals. Put can/decode between.",
      between: "can/decode",
    });
    expect(refused(document, "decode > soc_low.acknowledge")).toEqual({
      reason:
        "decode carries signals, but logic/threshold takes event. Put logic/threshold between.",
      between: "logic/threshold",
    });
  });

  it("says only what is wrong where nothing helps", () => {
    expect(refused(document, "soc_low > mean")).toEqual({
      reason: "soc_low carries event, but logic/aggregate takes signals.",
    });
    expect(refused(document, "receive > soc_low.acknowledge")).toEqual({
      reason: "receive carries frame, but logic/threshold takes event.",
    });
  });

  it("names every kind that is taken", () => {
    const flow = flowOf({ receive: "can/receive", server: "modbus/server" });
    expect(refused(flow, "receive > server")?.reason).toBe(
      "receive carries frame, but modbus/server takes signals|event. Put can/decode between.",
    );
  });

  it("judges each output by itself", () => {
    expect(refused(document, "decode.undecodable > mean")?.reason).toMatch(/carries frame/);
  });

  it("lets nothing into a source", () => {
    expect(refused(document, "decode > receive")?.reason).toBe(
      "receive is a source: nothing can be wired into it.",
    );
  });

  it("lets nothing out of a sink", () => {
    expect(refused(document, "publish > decode")?.reason).toBe("publish has no output.");
  });

  it("refuses a wire that is there, however it is written", () => {
    for (const there of ["a > b", "a.out > b", "a > b.in", "a.out > b.in"]) {
      const flow = flowOf({ a: "can/receive", b: "can/decode" }, there);
      for (const wire of ["a > b", "a.out > b.in"]) {
        expect(refused(flow, wire)?.reason).toBe("The same wire is there already.");
      }
    }
  });

  it("leaves types that are not known to the runtime", () => {
    const flow = flowOf({ a: "x/unknown", b: "can/decode" });
    expect(refused(flow, "a > b")).toBeNull();
    expect(refused(flow, "b > a")).toBeNull();
    expect(refused(flow, "b > nowhere")).toBeNull();
  });

  it("sees through nodes that pass anything on", () => {
    const flow = flowOf(
      {
        receive: "can/receive",
        slow: "core/rate-limit",
        late: "core/delay",
        mean: "logic/aggregate",
      },
      "receive > slow",
      "slow > late",
    );
    expect(refused(flow, "late > mean")).toEqual({
      reason: "late carries frame, but logic/aggregate takes signals. Put can/decode between.",
      between: "can/decode",
    });
  });

  it("puts only types between that fit at both ends", () => {
    const sources = ["can/receive", "can/decode", "core/catch"];
    const takers = Object.values(TYPES).flatMap((type) =>
      type.inputs.map((input) => ({ type, input })),
    );
    let helped = 0;
    for (const a of sources) {
      for (const { type, input } of takers) {
        const { between } = refused(flowOf({ a, b: type.type }), `a > b.${input.name}`) ?? {};
        if (between === undefined) continue;
        helped++;
        const flow = flowOf({ a, x: between, b: type.type }, "a > x");
        expect(refused(flowOf({ a, x: between }), "a > x"), `${a} to ${between}`).toBeNull();
        expect(refused(flow, `x > b.${input.name}`), `${between} to ${type.type}`).toBeNull();
      }
    }
    expect(helped).toBeGreaterThan(3);
  });
});

describe("carried", () => {
  it("is what the output says", () => {
    expect(leaving(rack().document, "decode", "undecodable")).toEqual(["frame"]);
  });

  it("is anything behind a node that nothing is wired into", () => {
    expect(leaving(flowOf({ slow: "core/rate-limit" }), "slow")).toEqual([]);
  });

  it("is every kind that arrives", () => {
    const flow = flowOf(
      { receive: "can/receive", decode: "can/decode", slow: "core/rate-limit" },
      "receive > slow",
      "decode > slow",
    );
    expect(leaving(flow, "slow")?.toSorted()).toEqual(["frame", "signals"]);
  });

  it("is anything where one that arrives is not known", () => {
    for (const other of ["core/inject", "x/unknown"]) {
      const flow = flowOf(
        { receive: "can/receive", other, slow: "core/rate-limit" },
        "receive > slow",
        "other > slow",
      );
      expect(leaving(flow, "slow"), other).toEqual([]);
    }
  });

  it("passes on to each output", () => {
    const flow = flowOf({ receive: "can/receive", pick: "logic/switch" }, "receive > pick");
    expect(leaving(flow, "pick", "match")).toEqual(["frame"]);
    expect(leaving(flow, "pick", "otherwise")).toEqual(["frame"]);
  });

  it("passes nothing on from a source", () => {
    const flow = flowOf({ inject: "core/inject" });
    expect(leaving(flow, "inject")).toEqual([]);
  });

  it("comes to an end in a ring", () => {
    const flow = flowOf({ a: "core/delay", b: "core/rate-limit" }, "a > b", "b > a");
    expect(leaving(flow, "a")).toEqual([]);
  });

  it("is anything out of a subflow, whose nodes may turn one kind into another", () => {
    const inner = { ...flowOf({ given: "core/input", out: "core/output" }), name: "rack" };
    const types = { ...TYPES, "flow/rack": subflowType(inner) };
    const flow = flowOf(
      { receive: "can/receive", rack: "flow/rack", mean: "logic/aggregate" },
      "receive > rack",
    );
    expect(leaving(flow, "rack", "", types)).toEqual([]);
    expect(refused(flow, "rack > mean", types)).toBeNull();
  });
});

describe("canonical", () => {
  it("leaves first ports out, and keeps the others and the queue", () => {
    const { document } = rack();
    const wire = { from: "decode.out", to: "soc_low.in", capacity: 5 };
    expect(canonical(document, TYPES, wire)).toEqual({
      from: "decode",
      to: "soc_low",
      capacity: 5,
    });
    const other = { from: "decode.undecodable", to: "soc_low.acknowledge" };
    expect(canonical(document, TYPES, other)).toEqual(other);
  });

  it("changes nothing the second time", () => {
    const { document } = rack();
    for (const wire of document.wires ?? []) {
      const once = canonical(document, TYPES, wire);
      expect(canonical(document, TYPES, once)).toEqual(once);
    }
  });

  it("does not touch the wire it was given", () => {
    const wire = frozen({ from: "decode.out", to: "soc_low" });
    expect(() => canonical(rack().document, TYPES, wire)).not.toThrow();
  });
});

describe("targetsFor", () => {
  it("gives every place where the wire can be drawn, and no other", () => {
    const { document } = rack();
    for (const [source, item] of Object.entries(document.nodes)) {
      for (const { name: output } of portsOf(item.type)) {
        const found = targetsFor(document, TYPES, source, output);
        const all = Object.entries(document.nodes).flatMap(([node, { type }]) =>
          (TYPES[type]?.inputs ?? []).map((input) => ({ node, input: input.name })),
        );
        expect(found).toEqual(
          all.filter(
            ({ node, input }) =>
              node !== source && !refused(document, `${source}.${output} > ${node}.${input}`),
          ),
        );
      }
    }
  });

  it("gives what is left for frames", () => {
    expect(targetsFor(rack().document, TYPES, "decode", "undecodable")).toEqual([
      { node: "publish", input: "in" },
    ]);
  });

  it("does not give what is wired already", () => {
    const draft = draftOf({ a: "can/receive", b: "can/decode" });
    expect(targetsFor(draft.document, TYPES, "a", "out")).toHaveLength(1);
    const ends = { source: "a", output: "out", target: "b", input: "in" };
    expect(targetsFor(connect(draft, TYPES, ends).document, TYPES, "a", "out")).toEqual([]);
  });
});

describe("canStandBetween", () => {
  const names = (given: Kind[], taken: Kind[], types: NodeTypes = TYPES) =>
    canStandBetween(types, given, taken).map(({ type }) => type);

  it("gives what turns one kind into the other", () => {
    expect(names(["frame"], ["signals"])).toContain("can/decode");
    expect(names(["frame"], ["signals"])).not.toContain("can/encode");
  });

  it("gives neither sources nor sinks nor resources", () => {
    for (const name of names([], [])) expect(TYPES[name]?.role).toBe("transform");
  });

  it("does not give what is not installed", () => {
    const decode = { ...(TYPES["can/decode"] as NonNullable<NodeTypes[string]>), install: "pip" };
    expect(names(["frame"], ["signals"], { decode })).toEqual([]);
  });
});
