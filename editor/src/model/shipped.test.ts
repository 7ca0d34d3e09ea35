/** Every flow that ships opens well laid out: by its layout file, or as the editor lays it out. */

import { describe, expect, it } from "vitest";
import { boundsOf, CARD, complete } from "./arrange";
import { type FlowDocument, type Layout, splitEnd, toLayout, wiresOf } from "./flow";

const FILES = import.meta.glob<unknown>(
  ["../../../examples/*.json", "../../../flows/*.json", "../../../nodes/*/flows/*.json"],
  { eager: true, import: "default" },
);
const FLOWS = Object.entries(FILES)
  .filter(([file]) => !/\.(test|layout)\.json$/.test(file))
  .map(([file, flow]) => {
    const document = flow as FlowDocument;
    const kept = toLayout(FILES[file.replace(/json$/, "layout.json")]);
    return { name: document.name, document, kept, layout: complete(document, kept) };
  });

/** Pixels that stay free between two cards, and what a page of 1920 x 1080 shows at two thirds. */
const AIR = 12;
const LARGEST = { width: 2040, height: 1100 };

function tooNear({ nodes }: Layout): string[] {
  const all = Object.entries(nodes);
  return all.flatMap(([a, p], at) =>
    all
      .slice(at + 1)
      .filter(
        ([, q]) =>
          Math.abs(p.x - q.x) < CARD.width + AIR && Math.abs(p.y - q.y) < CARD.height + AIR,
      )
      .map(([b]) => `${a} at ${b}`),
  );
}

/** Whether a wire leads back to where it comes from, as it may through a delay. */
function isInRing(document: FlowDocument, from: string, to: string): boolean {
  const reached = new Set([to]);
  for (const id of reached) {
    for (const wire of wiresOf(document)) {
      if (splitEnd(wire.from).node === id) reached.add(splitEnd(wire.to).node);
    }
  }
  return reached.has(from);
}

function backwards({ document, layout }: { document: FlowDocument; layout: Layout }): string[] {
  return wiresOf(document)
    .map(({ from, to }) => ({ from: splitEnd(from).node, to: splitEnd(to).node }))
    .filter(({ from, to }) => !isInRing(document, from, to))
    .filter(({ from, to }) => {
      const [a, b] = [layout.nodes[from], layout.nodes[to]];
      return !a || !b || a.x + CARD.width + AIR > b.x;
    })
    .map(({ from, to }) => `${from} > ${to}`);
}

it("finds the flows", () => {
  expect(FLOWS.length).toBeGreaterThan(30);
});

describe.each(FLOWS)("$name", (flow) => {
  it("has cards that do not touch, wires to the right, and the size of a page", () => {
    expect(tooNear(flow.layout)).toEqual([]);
    expect(backwards(flow)).toEqual([]);
    const { width, height } = boundsOf(flow.layout) ?? { width: 0, height: 0 };
    expect(width).toBeLessThanOrEqual(LARGEST.width);
    expect(height).toBeLessThanOrEqual(LARGEST.height);
  });

  it("has a layout, if any, that names its own nodes, all of them", () => {
    const ids = Object.keys(flow.document.nodes).sort();
    const placed = Object.keys(flow.kept.nodes).sort();
    expect([[], ids]).toContainEqual(placed);
    for (const { members } of flow.kept.groups)
      expect(ids).toEqual(expect.arrayContaining(members));
  });
});
