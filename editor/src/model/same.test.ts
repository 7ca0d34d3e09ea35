import { describe, expect, it } from "vitest";
import { same } from "./same";
import { rack } from "./testing";

const DIFFERENT: unknown[] = [
  undefined,
  null,
  false,
  true,
  0,
  1,
  "",
  "0",
  [],
  [0],
  [1, 2],
  [1, 3],
  [2, 1],
  {},
  { 0: 0 },
  { a: 1 },
  { a: null },
  { a: { b: 1 } },
  { b: 1 },
  { a: 1, b: 1 },
];

describe("same", () => {
  it("tells different values apart, either way", () => {
    for (const [i, a] of DIFFERENT.entries()) {
      for (const [j, b] of DIFFERENT.entries()) {
        expect(same(a, b), `${JSON.stringify(a)} and ${JSON.stringify(b)}`).toBe(i === j);
      }
    }
  });

  it("holds for a copy", () => {
    expect(same(rack(), JSON.parse(JSON.stringify(rack())))).toBe(true);
  });

  it("does not mind the order of keys", () => {
    expect(same({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true);
  });

  it("takes undefined as left out", () => {
    expect(same({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(same({ a: undefined, b: 1 }, { b: 1, c: undefined })).toBe(true);
    expect(same({ a: undefined, b: 1 }, { a: 1, b: undefined })).toBe(false);
  });

  it("finds what differs deep inside", () => {
    const one = rack();
    const other = rack();
    other.layout.groups[0]?.members.push("decode");
    expect(same(one, other)).toBe(false);
  });

  it("does not see the sign of zero, which JSON does not keep", () => {
    expect(same({ x: -0 }, JSON.parse(JSON.stringify({ x: -0 })))).toBe(true);
  });
});
