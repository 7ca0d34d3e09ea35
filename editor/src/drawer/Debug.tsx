/** What comes into the flow's debug nodes: filtered, paused, copied. */

import { useEffect, useMemo, useRef, useState } from "react";
import { clearDebug, pauseDebug } from "../app/debugging";
import { addDebugNode } from "../app/placing";
import { activeDraft, type DebugLine, notify, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { exactTime, formatMessage, formatTime } from "../model/format";
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
  const shown = useMemo(() => {
    const wanted = filter.toLowerCase();
    return lines.filter((line) =>
      `${line.node}.${line.port} ${formatMessage(line.message)}`.toLowerCase().includes(wanted),
    );
  }, [lines, filter]);
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
        <button type="button" aria-pressed={paused} onClick={() => pauseDebug(!paused)}>
          {t(paused ? "debug.resume" : "debug.pause")}
        </button>
        <button type="button" onClick={clearDebug}>
          {t("debug.clear")}
        </button>
        <button type="button" onClick={() => void copyText(shown, t("debug.copied"))}>
          {t("debug.copy")}
        </button>
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
        <li key={line.id}>
          <time title={exactTime(line.message.time)}>{formatTime(line.message.time)}</time>
          <code>
            {line.node}.{line.port}
          </code>
          <span>{formatMessage(line.message)}</span>
          <button
            type="button"
            className="quiet"
            aria-label={t("debug.copyLine")}
            title={t("debug.copyLine")}
            onClick={() => void copyText([line], t("debug.copied"))}
          >
            ⧉
          </button>
        </li>
      ))}
      <li ref={end} aria-hidden="true" />
    </ol>
  );
}

/** Records as lines of JSON, as `flowrt replay --record` writes them. */
async function copyText(lines: DebugLine[], done: string): Promise<void> {
  const text = lines
    .map(({ node, port, message }) => JSON.stringify({ node, port, ...message }))
    .join("\n");
  try {
    await navigator.clipboard.writeText(text);
    notify("info", done);
  } catch (error) {
    notify("bad", (error as Error).message);
  }
}
