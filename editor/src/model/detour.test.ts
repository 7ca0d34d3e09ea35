import { describe, expect, it } from "vitest";
import { cardsOf, labelSpot, lane, lanePath } from "./detour";

const card = (x: number, y: number) => ({ x, y, width: 176, height: 64 });
const FROM = { x: 176, y: 32 };
const TO = { x: 512, y: 32 };

describe("lane", () => {
  it("is none where nothing stands between", () => {
    expect(lane(FROM, TO, [])).toBeUndefined();
    expect(lane(FROM, TO, [card(256, 200)])).toBeUndefined();
  });

  it("passes below or above a card in the way, where it is nearer", () => {
    expect(lane(FROM, TO, [card(256, -8)])).toBe(70);
    expect(lane(FROM, TO, [card(256, 8)])).toBe(-6);
  });

  it("is not laid behind another card", () => {
    expect(lane(FROM, TO, [card(256, -8), card(256, 70)])).toBe(-22);
  });

  it("does not care for cards before the source or behind the target", () => {
    expect(lane(FROM, TO, [card(-300, 0), card(600, 0)])).toBeUndefined();
    expect(lane(TO, FROM, [card(256, 0)])).toBeUndefined();
  });

  it("is drawn from port to port", () => {
    const path = lanePath(FROM, TO, 70);
    expect(path.startsWith("M176,32 C")).toBe(true);
    expect(path).toContain("L452,70");
    expect(path.endsWith("512,32")).toBe(true);
  });
});

describe("labelSpot", () => {
  const size = { width: 200, height: 60 };

  it("is the wanted point where no card is", () => {
    expect(labelSpot({ x: 100, y: 100 }, size, [card(400, 0)])).toEqual({ x: 100, y: 100 });
  });

  it("is the nearest free place above or below", () => {
    expect(labelSpot({ x: 100, y: 30 }, size, [card(12, 0)])).toEqual({ x: 100, y: -30 });
    expect(labelSpot({ x: 100, y: 40 }, size, [card(12, 0)])).toEqual({ x: 100, y: 100 });
  });

  it("is the wanted point where everything is full", () => {
    const wall = [{ x: 0, y: -5000, width: 500, height: 10_000 }];
    expect(labelSpot({ x: 100, y: 30 }, size, wall)).toEqual({ x: 100, y: 30 });
  });
});

it("takes the cards of a layout but some", () => {
  expect(cardsOf({ a: { x: 1, y: 2 }, b: { x: 3, y: 4 } }, ["b"])).toEqual([card(1, 2)]);
});
