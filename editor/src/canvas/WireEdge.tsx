/** A wire: its colour says what it carries; selected or pinned it shows values, rate and queue. */

import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import type { WireState } from "../api/types";
import { activeDraft, activeTab, type State, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { cardsOf, labelSpot, lanePath } from "../model/detour";
import { parsePlace } from "../model/place";
import { formatRate, outputKey } from "../model/rates";
import type { CanvasEdge } from "./elements";
import { WireValues } from "./WireValues";

export const WireEdge = memo(function WireEdge(props: EdgeProps<CanvasEdge>) {
  const { id, selected, source, data } = props;
  const [path, x, y] = pathOf(props);
  const pinned = useStore((state) => activeDraft(state)?.layout.pins.includes(id) ?? false);
  const bad = useStore((state) => isBad(state, id));
  const queue = useStore((state) => queueOf(state, id));
  const rate = useStore((s) => s.rates.outputs[outputKey(s.active, source, data?.port ?? "")] ?? 0);
  const t = useT();
  const port = data?.port ?? "";
  const kind = data?.kind ?? "any";
  const shown = selected || pinned;
  const queued = queue && (queue.queued > 0 || queue.dropped > 0);
  const nodes = useStore((state) =>
    shown || queued ? activeDraft(state)?.layout.nodes : undefined,
  );
  const spot = labelSpot({ x, y }, shown ? LABEL : SMALL_LABEL, cardsOf(nodes ?? {}));
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={22}
        className={`wire kind-${kind} ${selected ? "selected" : ""} ${bad ? "bad" : ""} ${rate > 0 ? "flows" : ""}`}
      />
      {spot.y !== y && <path className="leader" d={`M${x},${y}V${spot.y}`} />}
      {(shown || queued) && (
        <EdgeLabelRenderer>
          <div
            className={`wire-label nodrag nopan ${shown ? "" : "small"}`}
            style={{ transform: `translate(-50%,-50%) translate(${spot.x}px,${spot.y}px)` }}
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

/** About how much room a label takes, in pixels. */
const LABEL = { width: 190, height: 84 };
const SMALL_LABEL = { width: 150, height: 22 };

/** The path of a wire, and its middle. */
function pathOf(props: EdgeProps<CanvasEdge>): [string, number, number] {
  const { sourceX, sourceY, targetX, targetY, data } = props;
  if (data?.lane === undefined || targetX <= sourceX) {
    const [path, x, y] = getBezierPath(props);
    return [path, x, y];
  }
  const [from, to] = [
    { x: sourceX, y: sourceY },
    { x: targetX, y: targetY },
  ];
  return [lanePath(from, to, data.lane), (sourceX + targetX) / 2, data.lane];
}

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
