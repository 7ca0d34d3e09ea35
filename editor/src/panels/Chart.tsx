/** Signals over the last minutes, from the ring that the gateway keeps. */

import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import * as gateway from "../api/gateway";
import { type Charted, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { formatValue } from "../model/format";
import { type Columns, columnsOf } from "../model/series";

const EVERY = 2000;
const COLOURS = [
  "--kind-signals",
  "--role-control",
  "--role-analysis",
  "--kind-frame",
  "--bad",
  "--muted",
];

interface ChartProps {
  charted: readonly Charted[];
  seconds: number;
  height: number;
}

export default function Chart({ charted, seconds, height }: ChartProps) {
  const t = useT();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useStore((state) => state.theme);
  const { columns, failed } = useColumns(charted, seconds);
  const names = charted
    .map(({ signal, unit }) => (unit ? `${signal} [${unit}]` : signal))
    .join("\n");

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew for other signals and colours
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const drawn = new uPlot(optionsFor(charted, box.clientWidth, height), [[]], box);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: box.clientWidth, height }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [names, height, theme]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot that was drawn anew needs its data again
  useEffect(() => {
    if (columns) plot.current?.setData(columns as uPlot.AlignedData);
  }, [columns, names, theme]);

  const last = columns?.slice(1).map((values) => values.findLast((value) => value !== null));
  const label = charted
    .map(({ signal, unit }, index) => `${signal} ${formatValue(last?.[index])} ${unit}`)
    .join(", ");
  return (
    <figure className="chart" aria-label={label}>
      <div ref={host} />
      {failed && <figcaption className="muted">{failed}</figcaption>}
      {columns?.[0].length === 0 && !failed && (
        <figcaption className="muted">{t("charts.nothing")}</figcaption>
      )}
    </figure>
  );
}

function useColumns(charted: readonly Charted[], seconds: number) {
  const [columns, setColumns] = useState<Columns | null>(null);
  const [failed, setFailed] = useState("");
  const newest = useRef(charted);
  newest.current = charted;
  const names = charted
    .map((one) => `${one.flow} ${one.node} ${one.port} ${one.signal}`)
    .join("\n");

  // biome-ignore lint/correctness/useExhaustiveDependencies: the names say which signals these are
  useEffect(() => {
    let over = false;
    const look = async () => {
      if (document.hidden) return;
      try {
        const series = await Promise.all(
          newest.current.map((one) => gateway.history(one.flow, one, seconds)),
        );
        if (!over) setColumns(columnsOf(series));
        setFailed("");
      } catch (error) {
        if (!over) setFailed((error as Error).message);
      }
    };
    void look();
    const timer = window.setInterval(() => void look(), EVERY);
    return () => {
      over = true;
      window.clearInterval(timer);
    };
  }, [names, seconds]);
  return { columns, failed };
}

function optionsFor(charted: readonly Charted[], width: number, height: number): uPlot.Options {
  const colour = (name: string) =>
    getComputedStyle(document.documentElement).getPropertyValue(name);
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 } };
  const small = height < 120;
  return {
    width,
    height,
    legend: { show: !small },
    cursor: { y: false },
    scales: { x: { time: true } },
    axes: small
      ? [
          { ...axis, size: 24 },
          { ...axis, size: 38 },
        ]
      : [axis, { ...axis, size: 52 }],
    series: [
      {},
      ...charted.map(({ signal, unit }, index) => ({
        label: unit ? `${signal} [${unit}]` : signal,
        stroke: colour(COLOURS[index % COLOURS.length] ?? "--accent"),
        width: 1.5,
        spanGaps: true,
        value: (_: uPlot, value: number | null) => formatValue(value),
      })),
    ],
  };
}
