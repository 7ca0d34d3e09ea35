/** Charts of any signal: dragged here from a wire, or picked. */

import { type DragEvent, useState } from "react";
import * as gateway from "../api/gateway";
import { addChart, type Charted, removeChart } from "../app/charting";
import { activeTab, notify, useStore } from "../app/store";
import { SIGNAL_DRAG } from "../canvas/drag";
import { useT } from "../i18n/t";
import Chart from "./Chart";
import { Picker } from "./Picker";

const SPANS = [300, 900, 3600];

export default function ChartsPanel() {
  const t = useT();
  const charted = useStore((state) => state.charted);
  const [seconds, setSeconds] = useState(300);
  const drop = (event: DragEvent) => {
    const text = event.dataTransfer.getData(SIGNAL_DRAG);
    if (text !== "") addChart(JSON.parse(text) as Charted);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button below does the same by keyboard
    <div
      className="charts"
      onDragOver={(event) =>
        event.dataTransfer.types.includes(SIGNAL_DRAG) && event.preventDefault()
      }
      onDrop={drop}
    >
      <h2>{t("panel.charts")}</h2>
      {/* biome-ignore lint/a11y/useSemanticElements: three buttons are no form's fieldset */}
      <div className="row" role="group" aria-label={t("charts.span")}>
        {SPANS.map((span) => (
          <button
            type="button"
            key={span}
            aria-pressed={span === seconds}
            onClick={() => setSeconds(span)}
          >
            {span / 60} min
          </button>
        ))}
      </div>
      {byUnit(charted).map((group) => (
        <section key={group[0]?.unit}>
          <Chart charted={group} seconds={seconds} height={190} />
          <span className="chips">
            {group.map((one) => (
              <button
                type="button"
                className="chip"
                key={one.signal}
                aria-label={t("form.remove", { what: one.signal })}
                onClick={() => removeChart(one)}
              >
                {one.signal} ×
              </button>
            ))}
          </span>
        </section>
      ))}
      <p className="drop-here">{t("charts.drop")}</p>
      <AddSignal />
    </div>
  );
}

/** Signals of one unit share a chart. */
function byUnit(charted: readonly Charted[]): Charted[][] {
  const groups = new Map<string, Charted[]>();
  for (const one of charted) groups.set(one.unit, [...(groups.get(one.unit) ?? []), one]);
  return [...groups.values()];
}

function AddSignal() {
  const t = useT();
  const flow = useStore((state) => state.active);
  const signals = useStore((state) => activeTab(state)?.signals);
  const [offered, setOffered] = useState<gateway.SeriesKey[] | null>(null);
  const [text, setText] = useState("");
  if (offered === null) {
    const load = () =>
      gateway.charted(flow).then(setOffered, (error: Error) => notify("bad", error.message));
    return (
      <button type="button" onClick={load}>
        {t("charts.add")}
      </button>
    );
  }
  const unitOf = (signal: string) =>
    Object.values(signals ?? {})
      .flat()
      .find((one) => `${one.source}.${one.name}` === signal)?.unit ?? "";
  const found = offered.filter((one) =>
    `${one.node}.${one.port} ${one.signal}`.toLowerCase().includes(text.toLowerCase()),
  );
  return (
    <Picker
      label={t("charts.add")}
      placeholder={t("form.searchSignal")}
      text={text}
      onText={setText}
      items={found.slice(0, 100)}
      keyOf={(one) => `${one.node} ${one.port} ${one.signal}`}
      render={(one) => (
        <>
          <span>{one.signal}</span>
          <small>
            {one.node} · {unitOf(one.signal)}
          </small>
        </>
      )}
      onPick={(one) => {
        setOffered(null);
        addChart({ flow, ...one, unit: unitOf(one.signal) });
      }}
      onClose={() => setOffered(null)}
      empty={t(offered.length === 0 ? "charts.nothing" : "quick.nothing")}
    />
  );
}
