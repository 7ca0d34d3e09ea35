/** Ways around cards: a wire that would pass behind one, a label that would cover one. */

import { CARD } from "./arrange";
import type { Point } from "./flow";

/** A rectangle of the drawing. */
export interface Box extends Point {
  width: number;
  height: number;
}

/** Pixels that stay free beside a card. */
const AIR = 14;

/** The height at which a wire that runs to the right passes the cards in its way; undefined where it can run straight. */
export function lane(from: Point, to: Point, cards: readonly Box[]): number | undefined {
  const between = cards.filter((card) => card.x > from.x && card.x + card.width < to.x);
  const [top, bottom] = from.y < to.y ? [from.y, to.y] : [to.y, from.y];
  const beside = between.filter(({ y, height }) => y - AIR < bottom && y + height + AIR > top);
  if (beside.length === 0) return undefined;
  const drawn = curve(from, to);
  if (!beside.some((card) => drawn.some((point) => touches(card, point)))) return undefined;
  const wanted = (from.y + to.y) / 2;
  return between
    .flatMap(({ y, height }) => [y + height + AIR, y - AIR])
    .filter((y) => !between.some((card) => holds(card, y)))
    .toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0];
}

/** Points of a wire that is drawn straight: a curve that leaves and enters level. */
function curve(from: Point, to: Point): Point[] {
  return Array.from({ length: SAMPLES + 1 }, (_, at) => {
    const t = at / SAMPLES;
    return {
      x: from.x + (to.x - from.x) * (1.5 * t * (1 - t) + t ** 3),
      y: from.y + (to.y - from.y) * t ** 2 * (3 - 2 * t),
    };
  });
}

const SAMPLES = 32;

function touches(card: Box, { x, y }: Point): boolean {
  return x > card.x && x < card.x + card.width && holds(card, y);
}

function holds({ y, height }: Box, at: number): boolean {
  return at > y - AIR / 2 && at < y + height + AIR / 2;
}

/** The path of a wire that runs along a lane. */
export function lanePath(from: Point, to: Point, y: number): string {
  const bend = Math.min(30, (to.x - from.x) / 5);
  return [
    `M${from.x},${from.y}`,
    `C${from.x + bend},${from.y} ${from.x + bend},${y} ${from.x + 2 * bend},${y}`,
    `L${to.x - 2 * bend},${y}`,
    `C${to.x - bend},${y} ${to.x - bend},${to.y} ${to.x},${to.y}`,
  ].join(" ");
}

/** Steps, up or down, in which a label looks for a free place, and how many it tries. */
const STEP = 12;
const MOST_STEPS = 24;

/** The middle of a label of a size: the wanted point, or the nearest above or below it where no card is. */
export function labelSpot(wanted: Point, size: Omit<Box, "x" | "y">, cards: readonly Box[]): Point {
  for (let step = 0; step <= MOST_STEPS; step++) {
    for (const y of [wanted.y + step * STEP, wanted.y - step * STEP]) {
      const label = { x: wanted.x - size.width / 2, y: y - size.height / 2, ...size };
      if (!cards.some((card) => meet(card, label))) return { x: wanted.x, y };
    }
  }
  return wanted;
}

function meet(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The cards of a layout, but those that are left out. */
export function cardsOf(nodes: Record<string, Point>, without: readonly string[] = []): Box[] {
  return Object.entries(nodes).flatMap(([id, point]) =>
    without.includes(id) ? [] : [{ ...point, ...CARD }],
  );
}
