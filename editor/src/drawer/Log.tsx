/** What nodes and flows said, newest last. */

import { useMemo, useState } from "react";
import { useStore } from "../app/store";
import { useT } from "../i18n/t";
import { exactTime, formatTime } from "../model/format";

export function Log() {
  const t = useT();
  const log = useStore((state) => state.log);
  const [filter, setFilter] = useState("");
  const shown = useMemo(
    () =>
      log.filter(({ flow, node, text }) =>
        `${flow} ${node} ${text}`.toLowerCase().includes(filter.toLowerCase()),
      ),
    [log, filter],
  );
  return (
    <>
      <div className="row tools">
        <input
          type="search"
          aria-label={t("debug.filter")}
          placeholder={t("debug.filter")}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      </div>
      {shown.length === 0 && <p className="muted">{t("log.none")}</p>}
      <ol className="lines">
        {shown.toReversed().map((line) => (
          <li key={line.id} className={line.ok ? "" : "bad"}>
            <time title={exactTime(line.time)}>{formatTime(line.time)}</time>
            <code>{[line.flow, line.node].filter(Boolean).join(": ")}</code>
            <span>
              <small>{line.kind}</small> {line.text}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
