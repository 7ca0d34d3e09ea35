/** A wire: its colour says what it carries; selected or pinned it shows values, rate and queue. */

import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import type { WireState } from "../api/types";
import { activeDraft, activeTab, type State, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { parsePlace } from "../model/place";
import { formatRate, outputKey } from "../model/rates";
import type { CanvasEdge } from "./elements";
import { WireValues } from "./WireValues";

export const WireEdge = memo(function WireEdge(props: EdgeProps<CanvasEdge>) {
  const { id, selected, source, data } = props;
  const [path, x, y] = getBezierPath(props);
  const pinned = useStore((state) => activeDraft(state)?.layout.pins.includes(id) ?? false);
  const bad = useStore((state) => isBad(state, id));
  const queue = useStore((state) => queueOf(state, id));
  const rate = useStore((s) => s.rates.outputs[outputKey(s.active, source, data?.port ?? "")] ?? 0);
  const t = useT();
  const port = data?.port ?? "";
  const kind = data?.kind ?? "any";
  const shown = selected || pinned;
  const queued = queue && (queue.queued > 0 || queue.dropped > 0);
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
            {shown && (
              <>
                <WireValues source={source} target={props.target} port={port} brief />
                <span className="muted">{formatRate(rate) || t("wire.still")}</span>
              </>
            )}
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
      {queue.dropped > 0 && (
        <b className="dropped"> · {t("top.drops", { count: queue.dropped })}</b>
      )}
    </span>
  );
}
