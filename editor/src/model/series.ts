/** Series from the gateway, put side by side on one time axis. */

/** Values at equal steps; null where nothing new came. */
export interface Steps {
  start: number;
  step: number;
  values: readonly (number | null)[];
}

/** The times, and a column of values for each series. */
export type Columns = [number[], ...(number | null)[][]];

/** Put series together: each value at its whole second. */
export function columnsOf(series: readonly Steps[]): Columns {
  const times = new Set<number>();
  const bySecond = series.map(({ start, step, values }) => {
    const known = new Map<number, number>();
    values.forEach((value, index) => {
      if (value === null) return;
      const second = Math.round(start + index * step);
      known.set(second, value);
      times.add(second);
    });
    return known;
  });
  const axis = [...times].sort((a, b) => a - b);
  return [axis, ...bySecond.map((known) => axis.map((second) => known.get(second) ?? null))];
}
