/** A wire: its colour says what it carries; selected or pinned it shows values, rate and queue. */

import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import type { MessageRecord, WireState } from "../api/types";
import { activeDraft, activeTab, change, type State, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { exactTime, formatMessage, formatValue } from "../model/format";
import { parsePlace } from "../model/place";
import { formatRate, outputKey } from "../model/rates";
import { SIGNAL_DRAG } from "./drag";
import type { CanvasEdge } from "./elements";

export const WireEdge = memo(function WireEdge(props: EdgeProps<CanvasEdge>) {
  const { id, selected, source, data } = props;
  const [path, x, y] = getBezierPath(props);
  const pinned = useStore((state) => activeDraft(state)?.layout.pins.includes(id) ?? false);
  const bad = useStore((state) => isBad(state, id));
  const queue = useStore((state) => queueOf(state, id));
  const rate = useStore((s) => s.rates.outputs[outputKey(s.active, source, data?.port ?? "")] ?? 0);
  const kind = data?.kind ?? "any";
  const shown = selected || pinned;
  const queued = queue && queue.queued > 0;
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={22}
        className={`wire kind-${kind} ${selected ? "selected" : ""} ${bad ? "bad" : ""} ${rate > 0 ? "flows" : ""}`}
      />
      {(shown || queued) && (
        <EdgeLabelRenderer>
          <div
            className={`wire-label nodrag nopan ${shown ? "" : "small"}`}
            style={{ transform: `translate(-50%,-50%) translate(${x}px,${y}px)` }}
          >
            {shown && <WireValues edge={props} rate={rate} />}
            {queue && <QueueLine queue={queue} />}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

function isBad(state: State, id: string): boolean {
  const tab = activeTab(state);
  if (!tab || tab.problems.length === 0) return false;
  return tab.problems.some(
    ({ place }) =>
      place.startsWith("wires") && parsePlace(place, tab.history.present.document).wire === id,
  );
}

function queueOf(state: State, key: string): WireState | undefined {
  const [from, to] = key.split(">") as [string, string];
  const node = to.split(".")[0];
  return state.gateway.flows[state.active]?.wires?.find(
    (wire) => (wire.from === from || wire.from.split(".")[0] === from) && wire.to === node,
  );
}

function QueueLine({ queue }: { queue: WireState }) {
  const t = useT();
  return (
    <span className="queue" title={t("wire.peak", { peak: queue.peak })}>
      {t("wire.queued", { queued: queue.queued, capacity: queue.capacity })} · {queue.overflow}
    </span>
  );
}

const MOST_VALUES = 4;

function WireValues({ edge, rate }: { edge: EdgeProps<CanvasEdge>; rate: number }) {
  const t = useT();
  const port = edge.data?.port ?? "";
  const values = useStore((s) => s.values[outputKey(s.active, edge.source, port)]);
  const last = useStore(
    (s) => s.gateway.flows[s.active]?.nodes?.[edge.source]?.outputs[port]?.last ?? null,
  );
  const messages = values?.messages ?? (last ? [last] : []);
  const unit = useStore((s) => unitsAt(s, edge.target));
  return (
    <>
      {messages.length === 0 && <span className="muted">{t("wire.nothing")}</span>}
      {messages.slice(0, MOST_VALUES).map((message) => (
        <MessageLine
          key={`${message.source ?? message.channel}${message.id ?? message.name ?? ""}`}
          message={message}
          units={unit}
          from={{ node: edge.source, port }}
        />
      ))}
      <span className="muted">{formatRate(rate) || t("wire.still")}</span>
    </>
  );
}

function unitsAt(state: State, node: string) {
  return activeTab(state)?.signals[node];
}

interface LineProps {
  message: MessageRecord;
  units: { name: string; source: string; unit: string }[] | undefined;
  from: { node: string; port: string };
}

/** Readings as chips that can be dragged into a chart; other messages as a line. */
function MessageLine({ message, units, from }: LineProps) {
  const flow = useStore((state) => state.active);
  if (message.kind !== "signals") {
    return <span title={exactTime(message.time)}>{formatMessage(message)}</span>;
  }
  const entries = Object.entries(message.values ?? {}).slice(0, MOST_VALUES);
  return (
    <span className="chips" title={`${message.source} ${exactTime(message.time)}`}>
      {entries.map(([name, value]) => {
        const info = units?.find((one) => one.name === name && one.source === message.source);
        const charted = {
          flow,
          ...from,
          signal: `${message.source}.${name}`,
          unit: info?.unit ?? "",
        };
        return (
          <button
            type="button"
            key={name}
            className="chip"
            draggable
            onDragStart={(event) =>
              event.dataTransfer.setData(SIGNAL_DRAG, JSON.stringify(charted))
            }
            onDoubleClick={() =>
              change((s) => ({ panel: "charts", charted: [...s.charted, charted] }))
            }
          >
            {name} <b>{formatValue(value)}</b> {info?.unit ?? ""}
          </button>
        );
      })}
    </span>
  );
}
