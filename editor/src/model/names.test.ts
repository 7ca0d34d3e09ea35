import { describe, expect, it } from "vitest";
import { freeFlowName, freeId, idFor, isFlowName, isId } from "./names";

describe("isId", () => {
  it.each(["a", "_", "A9", "soc_low", "soc-low", "a".repeat(15), "a".repeat(200), "constructor"])(
    "takes %s",
    (text) => {
      expect(isId(text)).toBe(true);
    },
  );

  it.each(["", "9a", "-a", "a b", "a.b", "a>b", "a/b", "é", "a\n", " a"])("refuses %j", (text) => {
    expect(isId(text)).toBe(false);
  });
});

describe("isFlowName", () => {
  it.each(["a", "9", "rack-1", "rack_1", "a-"])("takes %s", (text) => {
    expect(isFlowName(text)).toBe(true);
  });

  it.each(["", "A", "-a", "_a", "a b", "a.b", "a/b", "../a", "ä", "a\n"])("refuses %j", (text) => {
    expect(isFlowName(text)).toBe(false);
  });
});

describe("idFor", () => {
  it.each([
    ["can/log-reader", "log_reader"],
    ["logic/threshold", "threshold"],
    ["flow/guard-2", "guard_2"],
    ["decode", "decode"],
  ])("of %s is %s", (type, id) => {
    expect(idFor(type)).toBe(id);
  });

  // A subflow's name may begin with a digit, a node's id may not.
  it.each(["flow/3-phase", "x/", "/", "", "x/é", "a b/c d", "can/receive"])(
    "of %j is an id",
    (type) => {
      expect(idFor(type)).toSatisfy(isId);
    },
  );
});

describe("freeId", () => {
  it("is the wanted one where it is free", () => {
    expect(freeId("decode", {})).toBe("decode");
  });

  it("counts on from 2", () => {
    expect(freeId("decode", { decode: 1 })).toBe("decode_2");
    expect(freeId("decode", { decode: 1, decode_2: 1 })).toBe("decode_3");
  });

  it("fills a gap", () => {
    expect(freeId("a", { a: 1, a_3: 1 })).toBe("a_2");
  });

  it("replaces a number rather than add one", () => {
    expect(freeId("a_2", { a_2: 1 })).toBe("a_3");
  });

  it("does not take a number in the name for a count", () => {
    expect(freeId("rack2", { rack2: 1 })).toBe("rack2_2");
  });

  it("may be a word that every object knows", () => {
    expect(freeId("constructor", {})).toBe("constructor");
  });

  it("is always free and always an id", () => {
    for (const wanted of ["a", "_", "_2", "a_2", "a-b", "a".repeat(15), "a_15"]) {
      const taken: Record<string, number> = {};
      for (let n = 0; n < 30; n++) {
        const id = freeId(wanted, taken);
        expect(taken).not.toHaveProperty([id]);
        expect(id).toSatisfy(isId);
        taken[id] = n;
      }
    }
  });
});

describe("freeFlowName", () => {
  it.each([
    ["rack", "rack"],
    ["My Rack!", "my-rack-"],
    ["-a", "a"],
    ["__a", "a"],
    ["a..b", "a-b"],
    ["", "flow"],
    ["电池", "flow"],
    ["../etc", "etc"],
  ])("of %j is %s", (wanted, name) => {
    expect(freeFlowName(wanted, [])).toBe(name);
  });

  it("counts on from 2", () => {
    expect(freeFlowName("rack", ["rack"])).toBe("rack-2");
    expect(freeFlowName("Rack", ["rack", "rack-2"])).toBe("rack-3");
  });

  it("is always free and always a flow's name", () => {
    for (const wanted of ["a", "", "-", "9", "A B", "a-2", "é", "a".repeat(15)]) {
      const taken: string[] = [];
      for (let n = 0; n < 30; n++) {
        const name = freeFlowName(wanted, taken);
        expect(taken).not.toContain(name);
        expect(name).toSatisfy(isFlowName);
        taken.push(name);
      }
    }
  });
});
