/** What a running node remembers: its windows, latches, counts; asked for while it is looked at. */

import { useEffect, useState } from "react";
import * as gateway from "../api/gateway";
import { useStore } from "../app/store";
import { useT } from "../i18n/t";
import { title } from "../model/format";

const EVERY = 1000;
const LONGEST = 400;

export function NodeMemory({ id }: { id: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const isThere = useStore((s) => s.gateway.flows[s.active]?.nodes?.[id] !== undefined);
  if (!isThere) return null;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("memory.title")}</summary>
      {open && <Fields key={id} id={id} />}
    </details>
  );
}

function Fields({ id }: { id: string }) {
  const t = useT();
  const flow = useStore((state) => state.active);
  const [state, setState] = useState<Record<string, unknown> | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const look = () =>
      gateway.nodeState(flow, id).then(
        (found) => {
          setState(found);
          setFailed("");
        },
        (error: Error) => setFailed(error.message),
      );
    void look();
    const timer = window.setInterval(look, EVERY);
    return () => window.clearInterval(timer);
  }, [flow, id]);
  if (failed) return <p className="field-error">{failed}</p>;
  const fields = Object.entries(state ?? {});
  if (state && fields.length === 0) return <p className="muted">{t("memory.none")}</p>;
  return (
    <dl className="figures memory">
      {fields.map(([name, value]) => (
        <div key={name}>
          <dt>{title(name).trim()}</dt>
          <dd>
            <code>{brief(value)}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}
