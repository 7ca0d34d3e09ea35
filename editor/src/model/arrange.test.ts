import { describe, expect, it } from "vitest";
import { align, CARD, complete, distribute, type Edge, GRID, layOut, snap } from "./arrange";
import { moveNodes } from "./edit";
import { type Point, splitEnd, wiresOf } from "./flow";
import { draftOf, flowOf, frozen, rack } from "./testing";

const { document } = rack();
const IDS = Object.keys(document.nodes);
const drawn = (points: Record<string, Point>) => moveNodes(draftOf({}), points);

function overlaps(points: Record<string, Point>): string[] {
  const all = Object.entries(points);
  return all.flatMap(([a, p], index) =>
    all
      .slice(index + 1)
      .filter(([, q]) => Math.abs(p.x - q.x) < CARD.width && Math.abs(p.y - q.y) < CARD.height)
      .map(([b]) => `${a} on ${b}`),
  );
}

describe("layOut", () => {
  const points = layOut(document);

  it("gives every node a place of its own, on the grid", () => {
    expect(Object.keys(points)).toEqual(IDS);
    expect(overlaps(points)).toEqual([]);
    for (const point of Object.values(points)) expect(snap(point)).toEqual(point);
  });

  it("goes from left to right along the wires", () => {
    for (const { from, to } of wiresOf(document)) {
      const [a, b] = [points[splitEnd(from).node], points[splitEnd(to).node]];
      expect(a && b && a.x + CARD.width < b.x, `${from} > ${to}`).toBe(true);
    }
  });

  it("is the same every time", () => {
    expect(layOut(rack().document)).toEqual(points);
  });

  it("copes with rings, wires to itself and wires to nowhere", () => {
    const odd = flowOf({ a: "x", b: "x" }, "a > b", "b > a", "a > a", "a > gone", "gone > b");
    expect(Object.keys(layOut(odd))).toEqual(["a", "b"]);
    expect(overlaps(layOut(odd))).toEqual([]);
  });

  it("places nothing in an empty flow", () => {
    expect(layOut(flowOf({}))).toEqual({});
  });
});

describe("complete", () => {
  const { layout } = rack();

  it("gives back the very layout where nothing lacks", () => {
    expect(complete(document, layout)).toBe(layout);
  });

  it("lays out a flow without a layout", () => {
    const bare = { ...layout, nodes: {} };
    expect(complete(document, bare).nodes).toEqual(layOut(document));
  });

  it("leaves the placed where they are, and puts the others below", () => {
    const { decode, receive } = layout.nodes as Record<string, Point>;
    const some = frozen({ ...layout, nodes: { decode, receive } as Record<string, Point> });
    const { nodes } = complete(document, some);
    expect(nodes).toMatchObject({ decode, receive });
    expect(Object.keys(nodes).sort()).toEqual([...IDS].sort());
    expect(overlaps(nodes)).toEqual([]);
    for (const id of ["soc_low", "mean", "publish"]) expect(nodes[id]?.y).toBeGreaterThan(80);
  });

  it("keeps notes, groups and pins", () => {
    expect(complete(document, { ...layout, nodes: {} })).toMatchObject({
      notes: layout.notes,
      groups: layout.groups,
      pins: layout.pins,
    });
  });
});

describe("align", () => {
  const draft = drawn({ a: { x: 0, y: 80 }, b: { x: 80, y: 0 }, c: { x: 160, y: 160 } });

  it.each<[Edge, Partial<Point>]>([
    ["left", { x: 0 }],
    ["right", { x: 160 }],
    ["top", { y: 0 }],
    ["bottom", { y: 160 }],
    ["middle", { y: 80 }],
    ["centre", { x: 80 }],
  ])("puts nodes into one line: %s", (edge, line) => {
    const points = align(draft, ["a", "b", "c"], edge);
    const kept = "x" in line ? "y" : "x";
    for (const [id, point] of Object.entries(points)) {
      expect(point).toMatchObject(line);
      expect(point[kept]).toBe(draft.layout.nodes[id]?.[kept]);
    }
    expect(Object.keys(points)).toEqual(["a", "b", "c"]);
  });

  it("does not look at nodes that are not asked for", () => {
    expect(align(draft, ["a", "b"], "bottom")).toEqual({ a: { x: 0, y: 80 }, b: { x: 80, y: 80 } });
  });

  it("leaves out what has no place", () => {
    expect(align(draft, ["note", "a"], "left")).toEqual({ a: { x: 0, y: 80 } });
    expect(align(draft, [], "left")).toEqual({});
  });
});

describe("distribute", () => {
  const draft = drawn({ c: { x: 400, y: 0 }, a: { x: 0, y: 8 }, b: { x: 40, y: 16 } });

  it("makes distances even, the outer ones staying", () => {
    expect(distribute(draft, ["c", "a", "b"], "x")).toEqual({
      a: { x: 0, y: 8 },
      b: { x: 200, y: 16 },
      c: { x: 400, y: 0 },
    });
  });

  it("goes by the axis that was asked for", () => {
    const points = distribute(draft, ["a", "b", "c"], "y");
    expect(Object.values(points).map(({ y }) => y)).toEqual([0, 8, 16]);
  });

  it("needs three placed nodes", () => {
    expect(distribute(draft, ["a", "b"], "x")).toEqual({});
    expect(distribute(draft, ["a", "b", "note"], "x")).toEqual({});
  });

  it("changes nothing the second time", () => {
    const once = distribute(draft, ["a", "b", "c"], "x");
    expect(distribute(drawn(once), ["a", "b", "c"], "x")).toEqual(once);
  });
});

it("snaps to the nearest place of the grid", () => {
  for (let x = -20; x <= 20; x += 0.5) {
    const snapped = snap({ x, y: 0 });
    expect(Math.abs(snapped.x % GRID)).toBe(0);
    expect(Math.abs(snapped.x - x)).toBeLessThanOrEqual(GRID / 2);
  }
});
