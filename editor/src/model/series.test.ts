import { describe, expect, it } from "vitest";
import { columnsOf } from "./series";

describe("columnsOf", () => {
  it("has an axis without times for no series", () => {
    expect(columnsOf([])).toEqual([[]]);
    expect(columnsOf([{ start: 0, step: 1, values: [] }])).toEqual([[], []]);
  });

  it("puts series on one axis, with gaps where one has nothing", () => {
    const a = { start: 10, step: 1, values: [1, 2, 3] };
    const b = { start: 12, step: 1, values: [7, 8] };
    expect(columnsOf([a, b])).toEqual([
      [10, 11, 12, 13],
      [1, 2, 3, null],
      [null, null, 7, 8],
    ]);
  });

  it("leaves out times at which no series has a value", () => {
    expect(columnsOf([{ start: 0, step: 1, values: [1, null, null, 2] }])).toEqual([
      [0, 3],
      [1, 2],
    ]);
  });

  it("keeps zero, which is a value", () => {
    expect(columnsOf([{ start: 0, step: 1, values: [0] }])).toEqual([[0], [0]]);
  });

  it("joins steps of different lengths", () => {
    const [axis, fast, slow] = columnsOf([
      { start: 0, step: 1, values: [1, 2, 3, 4] },
      { start: 0, step: 3, values: [10, 20] },
    ]);
    expect(axis).toEqual([0, 1, 2, 3]);
    expect(fast).toEqual([1, 2, 3, 4]);
    expect(slow).toEqual([10, null, null, 20]);
  });

  it("puts values that began at different fractions of a second together", () => {
    expect(
      columnsOf([
        { start: 100.2, step: 1, values: [1, 2] },
        { start: 99.9, step: 1, values: [3, 4] },
      ]),
    ).toEqual([
      [100, 101],
      [1, 2],
      [3, 4],
    ]);
  });

  it("keeps the last value of a second", () => {
    expect(columnsOf([{ start: 0, step: 0.25, values: [1, 2, null] }])).toEqual([[0], [2]]);
  });

  it("orders times as numbers", () => {
    const [axis] = columnsOf([
      { start: 100, step: 1, values: [1] },
      { start: 9, step: 1, values: [1] },
    ]);
    expect(axis).toEqual([9, 100]);
  });

  it("gives each series a column as long as the axis", () => {
    const columns = columnsOf(
      Array.from({ length: 7 }, (_, n) => ({ start: n * 3, step: n + 1, values: [n, null, n, n] })),
    );
    expect(columns).toHaveLength(8);
    for (const column of columns) expect(column).toHaveLength(columns[0].length);
  });
});
