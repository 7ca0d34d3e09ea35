/** Puts an alarm aside for a while, with a reason; or takes it back. */

import { type FormEvent, useState } from "react";
import type { AlarmRow } from "../api/types";
import { guarded, useRefusal } from "../app/access";
import { tell } from "../app/beginning";
import { shelve, unshelve } from "../app/watching";
import { useT } from "../i18n/t";
import { exactTime, formatTime } from "../model/format";

const DURATIONS = ["15 min", "1 h", "8 h", "24 h"];
const USUAL = "1 h";

export function Shelve({ alarm }: { alarm: AlarmRow }) {
  const t = useT();
  const refusal = useRefusal("operator");
  const [asking, setAsking] = useState(false);
  if (alarm.shelved) return <Shelved alarm={alarm} />;
  if (asking) return <Asking alarm={alarm} done={() => setAsking(false)} />;
  return (
    <button type="button" className="quiet" {...guarded(refusal)} onClick={() => setAsking(true)}>
      {t("alarms.shelve")}
    </button>
  );
}

function Shelved({ alarm }: { alarm: AlarmRow }) {
  const t = useT();
  const refusal = useRefusal("operator");
  const { by = "", until = 0, reason = "" } = alarm.shelved ?? {};
  return (
    <>
      <span className="muted" title={`${exactTime(until)}: ${reason}`}>
        {t("alarms.shelved", { by, until: formatTime(until), reason })}
      </span>
      <button
        type="button"
        className="quiet"
        {...guarded(refusal)}
        onClick={() => void unshelve(alarm).catch(tell)}
      >
        {t("alarms.unshelve")}
      </button>
    </>
  );
}

function Asking({ alarm, done }: { alarm: AlarmRow; done: () => void }) {
  const t = useT();
  const [duration, setDuration] = useState(USUAL);
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    shelve(alarm, duration, reason.trim()).then(done, tell);
  };
  return (
    <form className="row" onSubmit={submit}>
      <select
        aria-label={t("alarms.duration")}
        value={duration}
        onChange={(event) => setDuration(event.target.value)}
      >
        {DURATIONS.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
      <input
        aria-label={t("alarms.reason")}
        placeholder={t("alarms.reason")}
        maxLength={200}
        required
        // biome-ignore lint/a11y/noAutofocus: the field is asked for by a press of the button
        autoFocus
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && done()}
      />
      <button type="submit" disabled={!reason.trim()}>
        {t("alarms.shelve")}
      </button>
    </form>
  );
}
