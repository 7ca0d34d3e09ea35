/** What nodes and flows said, newest last. */

import { useMemo, useState } from "react";
import { useStore } from "../app/store";
import { useT } from "../i18n/t";
import { exactTime, formatTime } from "../model/format";
import { FilterField } from "./FilterField";

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
        <FilterField text={filter} onText={setFilter} />
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
