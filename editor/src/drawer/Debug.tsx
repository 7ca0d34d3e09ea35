/** What comes into the flow's debug nodes: filtered, paused, copied. */

import { IconExternalLink } from "@tabler/icons-react";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { clearDebug, pauseDebug } from "../app/debugging";
import { addDebugNode } from "../app/placing";
import { ONLY_DEBUG, popOut } from "../app/popOut";
import { activeDraft, type DebugLine, notify, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { exactTime, formatMessage, formatTime, formatValue } from "../model/format";
import { FilterField } from "./FilterField";

export function Debug() {
  const t = useT();
  const { lines, skipped, paused } = useStore((state) => state.debug);
  const hasDebug = useStore((state) =>
    Object.values(activeDraft(state)?.document.nodes ?? {}).some(
      ({ type }) => type === "core/debug",
    ),
  );
  const [filter, setFilter] = useState("");
  const [node, setNode] = useState("");
  const nodes = useMemo(() => [...new Set(lines.map((line) => line.node))].toSorted(), [lines]);
  const shown = useMemo(() => {
    const wanted = filter.toLowerCase();
    return lines.filter(
      (line) =>
        (node === "" || line.node === node) &&
        `${line.node}.${line.port} ${formatMessage(line.message)}`.toLowerCase().includes(wanted),
    );
  }, [lines, filter, node]);
  if (!hasDebug) {
    return (
      <p className="muted">
        {t("debug.none")}{" "}
        <button type="button" onClick={addDebugNode}>
          {t("debug.add")}
        </button>
      </p>
    );
  }
  return (
    <>
      <div className="row tools">
        <FilterField text={filter} onText={setFilter} />
        <select
          aria-label={t("debug.node")}
          value={node}
          onChange={(event) => setNode(event.target.value)}
        >
          <option value="">{t("debug.allNodes")}</option>
          {nodes.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
        <button type="button" aria-pressed={paused} onClick={() => pauseDebug(!paused)}>
          {t(paused ? "debug.resume" : "debug.pause")}
        </button>
        <button type="button" onClick={clearDebug}>
          {t("debug.clear")}
        </button>
        <button type="button" onClick={() => void copyText(recordsOf(shown), t("debug.copied"))}>
          {t("debug.copy")}
        </button>
        {!ONLY_DEBUG && (
          <button type="button" onClick={popOut}>
            <IconExternalLink size={14} /> {t("debug.popOut")}
          </button>
        )}
        {skipped > 0 && <span className="muted">{t("debug.skipped", { count: skipped })}</span>}
      </div>
      <Lines lines={shown} />
    </>
  );
}

function Lines({ lines }: { lines: DebugLine[] }) {
  const t = useT();
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (lines.length > 0) end.current?.scrollIntoView({ block: "nearest" });
  }, [lines]);
  if (lines.length === 0) return <p className="muted">{t("debug.waiting")}</p>;
  return (
    <ol className="lines">
      {lines.map((line) => (
        <Line key={line.id} line={line} />
      ))}
      <li ref={end} aria-hidden="true" />
    </ol>
  );
}

const Line = memo(function Line({ line }: { line: DebugLine }) {
  const t = useT();
  const { node, port, message } = line;
  return (
    <li>
      <time title={exactTime(message.time)}>{formatTime(message.time)}</time>
      <code>
        {node}.{port}
      </code>
      <span>{message.kind === "signals" ? <Signals line={line} /> : formatMessage(message)}</span>
      <button
        type="button"
        className="quiet"
        aria-label={t("debug.copyLine")}
        title={t("debug.copyLine")}
        onClick={() => void copyText(recordsOf([line]), t("debug.copied"))}
      >
        ⧉
      </button>
    </li>
  );
});

/** Readings; a click copies the name by which settings call the signal. */
function Signals({ line: { message } }: { line: DebugLine }) {
  const t = useT();
  return (
    <>
      {message.source}:{" "}
      {Object.entries(message.values ?? {}).map(([name, value]) => {
        const path = message.source ? `${message.source}.${name}` : name;
        return (
          <button
            type="button"
            className="path"
            key={name}
            title={t("debug.copyPath", { path })}
            onClick={() => void copyText(path, t("debug.pathCopied", { path }))}
          >
            {name} <b>{formatValue(value)}</b>
          </button>
        );
      })}
    </>
  );
}

/** Records as lines of JSON, as `flowrt replay --record` writes them. */
function recordsOf(lines: DebugLine[]): string {
  return lines
    .map(({ node, port, message }) => JSON.stringify({ node, port, ...message }))
    .join("\n");
}

async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify("info", done);
  } catch (error) {
    notify("bad", (error as Error).message);
  }
}
