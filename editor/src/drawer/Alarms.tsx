/** Standing alarms, to acknowledge; and what was raised and cleared before. */

import { useEffect, useState } from "react";
import * as gateway from "../api/gateway";
import type { AlarmRow } from "../api/types";
import { guarded, useRefusal } from "../app/access";
import { tell } from "../app/beginning";
import { useStore } from "../app/store";
import { acknowledge } from "../app/watching";
import { useT } from "../i18n/t";
import type { Key } from "../i18n/texts";
import { exactTime, formatTime } from "../model/format";
import { Shelve } from "./Shelve";

export function Alarms() {
  const t = useT();
  const [past, setPast] = useState(false);
  const standing = useStore((state) => state.alarms);
  return (
    <>
      <div className="row tools">
        <button type="button" className="quiet" aria-pressed={!past} onClick={() => setPast(false)}>
          {t("alarms.standing")}
        </button>
        <button type="button" className="quiet" aria-pressed={past} onClick={() => setPast(true)}>
          {t("alarms.history")}
        </button>
      </div>
      {past ? <Past /> : <Rows alarms={inOrder(standing)} empty={t("alarms.none")} />}
    </>
  );
}

/** Those that call for somebody first, then the shelved ones. */
const inOrder = (alarms: AlarmRow[]) => [
  ...alarms.filter((alarm) => !alarm.shelved),
  ...alarms.filter((alarm) => alarm.shelved),
];

function Past() {
  const t = useT();
  const standing = useStore((state) => state.alarms);
  const [rows, setRows] = useState<AlarmRow[]>([]);
  const [full, setFull] = useState(false);
  const show = (page: AlarmRow[], before: AlarmRow[]) => {
    setRows([...before, ...page]);
    setFull(page.length === gateway.ALARM_PAGE);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again whenever an alarm comes or goes
  useEffect(() => {
    gateway.alarmHistory().then((page) => show(page, []), tell);
  }, [standing]);
  const oldest = rows.at(-1)?.number;
  const older = () => gateway.alarmHistory(oldest).then((page) => show(page, rows), tell);
  return (
    <>
      <Rows alarms={rows} empty={t("alarms.noHistory")} past />
      {full && oldest && (
        <button type="button" className="quiet" onClick={() => void older()}>
          {t("alarms.older")}
        </button>
      )}
    </>
  );
}

function Rows({
  alarms,
  empty,
  past = false,
}: {
  alarms: AlarmRow[];
  empty: string;
  past?: boolean;
}) {
  const t = useT();
  if (alarms.length === 0) return <p className="muted">{empty}</p>;
  return (
    <table className="rows alarms">
      <thead className="unseen">
        <tr>
          <th>{t("alarms.severity")}</th>
          <th>{t("alarms.time")}</th>
          <th>{t("alarms.text")}</th>
          <th>{t("alarms.state")}</th>
        </tr>
      </thead>
      <tbody>
        {alarms.map((alarm, index) => (
          <tr
            // biome-ignore lint/suspicious/noArrayIndexKey: one alarm can be raised twice at one stamp
            key={`${alarm.flow} ${alarm.source} ${alarm.name} ${alarm.time} ${alarm.state} ${index}`}
            className={alarm.shelved && !past ? "shelved" : undefined}
          >
            <td>
              <span className={`severity ${alarm.severity}`}>
                {t(`severity.${alarm.severity}` as Key)}
              </span>
            </td>
            <td>
              <time title={exactTime(alarm.time)}>{formatTime(alarm.time)}</time>
            </td>
            <td>
              <b>{alarm.name}</b> {alarm.text} <span className="muted">{alarm.flow}</span>
            </td>
            <td>{past ? alarm.state : <Actions alarm={alarm} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Actions({ alarm }: { alarm: AlarmRow }) {
  return (
    <div className="row">
      <Acknowledge alarm={alarm} />
      <Shelve alarm={alarm} />
    </div>
  );
}

function Acknowledge({ alarm }: { alarm: AlarmRow }) {
  const t = useT();
  const refusal = useRefusal("operator");
  if (alarm.acknowledged) {
    return (
      <span className="muted" title={exactTime(alarm.acknowledged.time)}>
        {t("alarms.acknowledged", { by: alarm.acknowledged.by })}
      </span>
    );
  }
  return (
    <button type="button" {...guarded(refusal)} onClick={() => void acknowledge(alarm).catch(tell)}>
      {t("alarms.acknowledge")}
    </button>
  );
}
