import { describe, expect, it } from "vitest";
import { rangeWords, resolve, searchSignals, written } from "./signals";
import { frozen, signal } from "./testing";

const SIGNALS = frozen([
  signal("rack1/State", "SOC", { unit: "%", minimum: 0, maximum: 100 }),
  signal("rack2/State", "SOC", { unit: "%" }),
  signal("State", "SOH", { comment: "Health of the pack" }),
  signal("Measure", "PackVoltage", { unit: "V" }),
  signal("Site.A", "Voltage", { unit: "V" }),
  signal("", "Bare"),
  signal("State", "Bare"),
]);
const names = (found: readonly { source: string; name: string }[]) =>
  found.map(({ source, name }) => `${source}.${name}`);

describe("written", () => {
  it("is the name alone where one source has it", () => {
    expect(written(signal("State", "SOH"), SIGNALS)).toBe("SOH");
  });

  it("has the source where several have it", () => {
    expect(written(signal("rack2/State", "SOC"), SIGNALS)).toBe("rack2/State.SOC");
  });

  it("is resolved to the same signal", () => {
    for (const one of SIGNALS) expect(resolve(written(one, SIGNALS), SIGNALS)).toBe(one);
  });
});

describe("resolve", () => {
  it("finds no name that several sources have", () => {
    expect(resolve("SOC", SIGNALS)).toBeUndefined();
  });

  it("finds one of all that a star names", () => {
    expect(resolve("*.SOC", SIGNALS)).toBe(SIGNALS[0]);
    expect(resolve("*.SOH", SIGNALS)).toBe(SIGNALS[2]);
  });

  it("finds a source with a dot", () => {
    expect(resolve("Site.A.Voltage", SIGNALS)).toBe(SIGNALS[4]);
  });

  it.each(["", "*", "*.", "Nothing", "Other.SOH", "soh", ".SOH", "*SOH"])(
    "finds nothing for %j",
    (text) => {
      expect(resolve(text, SIGNALS)).toBeUndefined();
    },
  );
});

describe("searchSignals", () => {
  const search = (text: string) => names(searchSignals(text, SIGNALS));

  it("gives all, as they come, for nothing", () => {
    expect(search(" ")).toEqual(names(SIGNALS));
  });

  it("finds by name, source, unit and comment", () => {
    expect(search("soh")).toEqual(["State.SOH"]);
    expect(search("rack2")).toEqual(["rack2/State.SOC"]);
    expect(search("%")).toEqual(["rack1/State.SOC", "rack2/State.SOC"]);
    expect(search(" HEALTH ")).toEqual(["State.SOH"]);
    expect(search("state.soc")).toEqual(["rack1/State.SOC", "rack2/State.SOC"]);
  });

  it("puts names that begin with it first", () => {
    expect(search("voltage")).toEqual(["Site.A.Voltage", "Measure.PackVoltage"]);
  });

  it("finds nothing where nothing fits", () => {
    expect(search("nowhere")).toEqual([]);
  });
});

describe("rangeWords", () => {
  const words = (more: Parameters<typeof signal>[2]) => rangeWords(signal("S", "x", more));
  const choices = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [n, `C${n}`]));

  it.each([
    [{ unit: "%", minimum: 0, maximum: 100 }, "% 0 … 100"],
    [{ unit: "V", minimum: null, maximum: 60 }, "V −∞ … 60"],
    [{ minimum: -40, maximum: null }, "-40 … ∞"],
    [{ unit: "A" }, "A"],
    [{}, ""],
  ])("writes %j as %j", (more, text) => {
    expect(words(more)).toBe(text);
  });

  it("gives choices rather than a range, four at most", () => {
    expect(words({ unit: "x", minimum: 0, choices: choices(4) })).toBe("C0, C1, C2, C3");
    expect(words({ choices: choices(5) })).toBe("C0, C1, C2, C3, …");
  });
});
