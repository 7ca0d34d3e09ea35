/** What a wire carries now: readings as chips that can be dragged into a chart, others as lines. */

import type { MessageRecord, SignalInfo } from "../api/types";
import { addChart, type Charted } from "../app/charting";
import { activeDraft, activeTab, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { exactTime, formatMessage, formatValue } from "../model/format";
import { outputKey } from "../model/rates";
import { SIGNAL_DRAG } from "./drag";

interface WireValuesProps {
  source: string;
  target: string;
  port: string;
  /** Only the first few; those that the target names in its settings come first. */
  brief?: boolean;
}

const FEW = 3;

export function WireValues({ source, target, port, brief = false }: WireValuesProps) {
  const t = useT();
  const flow = useStore((state) => state.active);
  const values = useStore((state) => state.values[outputKey(state.active, source, port)]);
  const last = useStore(
    (state) => state.gateway.flows[state.active]?.nodes?.[source]?.outputs[port]?.last ?? null,
  );
  const signals = useStore((state) => activeTab(state)?.signals[target]);
  const settings = useStore((state) => activeDraft(state)?.document.nodes[target]);
  const messages = values?.messages ?? (last ? [last] : []);
  const used = brief ? JSON.stringify(settings ?? {}) : "";
  const readings = byUse(readingsOf(messages, signals), used);
  const others = messages.filter((message) => message.kind !== "signals");
  if (messages.length === 0) return <span className="muted">{t("wire.nothing")}</span>;
  return (
    <>
      <span className="chips">
        {readings.slice(0, brief ? FEW : readings.length).map((reading) => (
          <Reading key={reading.signal} reading={reading} flow={flow} node={source} port={port} />
        ))}
        {brief && readings.length > FEW && <small>+{readings.length - FEW}</small>}
      </span>
      {others.slice(0, brief ? FEW : others.length).map((message) => (
        <span
          key={`${message.channel}${message.source}${message.id}${message.name}`}
          className="message"
          title={exactTime(message.time)}
        >
          {formatMessage(message)}
        </span>
      ))}
    </>
  );
}

interface OneReading {
  signal: string;
  name: string;
  value: unknown;
  unit: string;
  time: number;
}

function readingsOf(messages: readonly MessageRecord[], signals: SignalInfo[] = []): OneReading[] {
  return messages.flatMap(({ kind, source, values, time }) =>
    kind !== "signals"
      ? []
      : Object.entries(values ?? {}).map(([name, value]) => ({
          signal: `${source}.${name}`,
          name,
          value,
          unit: signals.find((one) => one.name === name && one.source === source)?.unit ?? "",
          time,
        })),
  );
}

/** Readings whose names stand in a text first. */
function byUse(readings: OneReading[], text: string): OneReading[] {
  const rank = ({ name }: OneReading) => (text.includes(`${name}"`) ? 0 : 1);
  return text === "" ? readings : readings.toSorted((a, b) => rank(a) - rank(b));
}

interface ReadingProps {
  reading: OneReading;
  flow: string;
  node: string;
  port: string;
}

function Reading({ reading, flow, node, port }: ReadingProps) {
  const t = useT();
  const { signal, name, value, unit, time } = reading;
  const charted: Charted = { flow, node, port, signal, unit };
  return (
    <button
      type="button"
      className="chip"
      draggable
      title={`${signal}\n${exactTime(time)}\n${t("wire.chart")}`}
      onDragStart={(event) => event.dataTransfer.setData(SIGNAL_DRAG, JSON.stringify(charted))}
      onDoubleClick={() => addChart(charted)}
      onKeyDown={(event) => event.key === "Enter" && addChart(charted)}
    >
      {name} <b>{formatValue(value)}</b> {unit}
    </button>
  );
}
