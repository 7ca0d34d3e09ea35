/** A recorded log played through the drawing before it is deployed; nothing is connected. */

import { useMemo, useState } from "react";
import * as gateway from "../api/gateway";
import type { ReplayAnswer } from "../api/types";
import { useRefusal } from "../app/access";
import { canvas } from "../app/canvasHandle";
import { activeDraft, change, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { exactTime, formatMessage, formatSpan } from "../model/format";

type Run = { busy: true } | { busy: false; answer?: ReplayAnswer; error?: string };

export function Replay() {
  const t = useT();
  const active = useStore((state) => state.active);
  const [run, setRun] = useState<Run>({ busy: false });
  const refusal = useRefusal("integrator");
  const play = async (log: File | undefined) => {
    const draft = activeDraft();
    if (!log || !draft) return;
    setRun({ busy: true });
    try {
      setRun({ busy: false, answer: await gateway.replay(draft.document, log) });
    } catch (error) {
      setRun({ busy: false, error: (error as Error).message });
    }
  };
  return (
    <>
      <div className="row tools">
        <label className="file" title={refusal || undefined}>
          {t("replay.choose")}
          <input
            type="file"
            accept=".log,.asc,.blf,.csv,.trc,.mf4,.db"
            disabled={run.busy || !active || refusal !== ""}
            onChange={(event) => {
              void play(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
        </label>
        <span role="status">{run.busy ? t("replay.busy") : ""}</span>
      </div>
      {!run.busy && run.error && (
        <p className="field-error" role="alert">
          {run.error}
        </p>
      )}
      {!run.busy && run.answer && <Answer answer={run.answer} />}
      {!run.busy && !run.answer && !run.error && <p className="muted">{t("replay.help")}</p>}
    </>
  );
}

function Answer({ answer }: { answer: ReplayAnswer }) {
  const t = useT();
  const [node, setNode] = useState("");
  const { summary, records } = answer;
  const nodes = useMemo(() => [...new Set(records.map((record) => record.node))], [records]);
  const shown = records.filter((record) => node === "" || record.node === node);
  const errors = Object.entries(summary.errors);
  return (
    <>
      <p>
        {t("replay.summary", {
          frames: summary.frames,
          fed: summary.frames_fed,
          span: formatSpan(summary.log_seconds),
          seconds: summary.seconds.toFixed(2),
        })}{" "}
        {t("replay.recorded", { count: answer.recorded })}
        {answer.cut && ` ${t("replay.cut", { count: records.length })}`}
      </p>
      {errors.length > 0 && (
        <p className="field-error">
          {t("replay.errors", {
            errors: errors.map(([id, count]) => `${id}: ${count}`).join(", "),
          })}
        </p>
      )}
      <TimeLine answer={answer} nodes={nodes} />
      <label className="row tools">
        {t("replay.node")}
        <select value={node} onChange={(event) => setNode(event.target.value)}>
          <option value="">{t("replay.all")}</option>
          {nodes.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
      <ol className="lines">
        {shown.slice(0, MOST_LINES).map((record, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: records of one run stay where they are
          <li key={index}>
            <time title={exactTime(record.time)}>
              +{(record.time - (answer.first ?? 0)).toFixed(3)} s
            </time>
            <button type="button" className="quiet" onClick={() => reveal(record.node)}>
              <code>{record.node}</code>
            </button>
            <span>{formatMessage(record)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

const MOST_LINES = 500;
const ROW = 18;

/** When each node gave something: a row of marks for each. */
function TimeLine({ answer, nodes }: { answer: ReplayAnswer; nodes: string[] }) {
  const t = useT();
  const { first, last, records } = answer;
  if (first === null || last === null || records.length === 0) return null;
  const span = Math.max(1e-9, last - first);
  return (
    <svg
      className="time-line"
      role="img"
      aria-label={t("replay.timeLine")}
      viewBox={`0 0 1000 ${nodes.length * ROW}`}
      preserveAspectRatio="none"
      style={{ height: nodes.length * ROW }}
    >
      {nodes.map((id, row) => (
        <g key={id}>
          <title>{id}</title>
          <line x1="0" x2="1000" y1={row * ROW + ROW / 2} y2={row * ROW + ROW / 2} />
          {marks(answer, id).map(({ at, kind }) => (
            <rect
              key={at}
              className={kind}
              x={((at - first) / span) * 996}
              y={row * ROW + 3}
              width="3"
              height={ROW - 6}
            />
          ))}
        </g>
      ))}
    </svg>
  );
}

/** At most one mark for each of 400 parts of the time. */
function marks({ records, first, last }: ReplayAnswer, node: string) {
  const seen = new Map<number, { at: number; kind: string }>();
  const span = Math.max(1e-9, (last ?? 0) - (first ?? 0));
  for (const { node: id, time, kind } of records) {
    if (id !== node) continue;
    const part = Math.floor(((time - (first ?? 0)) / span) * 400);
    if (!seen.has(part)) seen.set(part, { at: time, kind });
  }
  return [...seen.values()];
}

function reveal(node: string): void {
  const id = node.split("/")[0] ?? node;
  change({ selection: { nodes: [id], wires: [] } });
  canvas.reveal(id);
}
