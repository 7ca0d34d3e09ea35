/** A CAN database: messages, their signals, and which bits each takes. */

import { useEffect, useMemo, useState } from "react";
import * as gateway from "../api/gateway";
import type { Database, DatabaseMessage, DatabaseSignal } from "../api/types";
import { read } from "../app/store";
import { useT } from "../i18n/t";
import { formatId } from "../model/format";
import { BitLayout, colourOf } from "./BitLayout";
import { Modal } from "./Modal";

export function DatabaseDialog({ path }: { path: string }) {
  const t = useT();
  const [database, setDatabase] = useState<Database | null>(null);
  const [failed, setFailed] = useState("");
  const [text, setText] = useState("");
  const [picked, setPicked] = useState("");
  useEffect(() => {
    gateway
      .database(read().active, path)
      .then(setDatabase, (error: Error) => setFailed(error.message));
  }, [path]);
  const shown = useMemo(() => {
    const wanted = text.toLowerCase();
    return (database?.messages ?? []).filter((message) =>
      [message.name, formatId(message.id), ...message.signals.map(({ name }) => name)]
        .join(" ")
        .toLowerCase()
        .includes(wanted),
    );
  }, [database, text]);
  const message = shown.find(({ name }) => name === picked) ?? shown[0];
  return (
    <Modal title={path} wide>
      {failed && (
        <p className="field-error" role="alert">
          {failed}
        </p>
      )}
      {!failed && !database && <p className="muted">{t("start.loading")}</p>}
      {database && (
        <div className="columns database">
          <nav className="scroll" aria-label={t("database.messages")}>
            <input
              type="search"
              aria-label={t("database.search")}
              placeholder={t("database.search")}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            {shown.map(({ name, id, length }) => (
              <button
                type="button"
                key={name}
                className="quiet"
                aria-pressed={name === message?.name}
                onClick={() => setPicked(name)}
              >
                <b>{name}</b>
                <small>
                  {formatId(id)} · {t("database.bytes", { count: length })}
                </small>
              </button>
            ))}
          </nav>
          {message && <Message message={message} />}
        </div>
      )}
    </Modal>
  );
}

function Message({ message }: { message: DatabaseMessage }) {
  const t = useT();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by key
    <section className="scroll" tabIndex={0} aria-label={message.name}>
      <h3>
        {message.name} <small>{formatId(message.id)}</small>
      </h3>
      <p className="muted">
        {[
          message.cycle ? t("database.cycle", { ms: Math.round(message.cycle * 1000) }) : "",
          message.senders.join(", "),
          message.comment,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <BitLayout message={message} />
      <table className="rows">
        <thead>
          <tr>
            <th>{t("database.signal")}</th>
            <th>{t("database.unit")}</th>
            <th>{t("database.range")}</th>
            <th>{t("database.bits")}</th>
            <th>{t("database.scale")}</th>
          </tr>
        </thead>
        <tbody>
          {message.signals.map((signal, index) => (
            <tr key={signal.name} title={signal.comment}>
              <td>
                <span className="swatch" style={{ background: colourOf(index) }} /> {signal.name}
                {signal.multiplexer && (
                  <small>
                    {" "}
                    {signal.multiplexer.signal} = {signal.multiplexer.values.join(", ")}
                  </small>
                )}
              </td>
              <td>{signal.unit}</td>
              <td>{rangeOf(signal)}</td>
              <td>
                {signal.start}+{signal.length} {signal.byte_order}
                {signal.signed ? ` ${t("database.signed")}` : ""}
              </td>
              <td>
                ×{signal.scale} {signal.offset !== 0 && `+ ${signal.offset}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function rangeOf({ choices, minimum, maximum }: DatabaseSignal): string {
  const named = Object.entries(choices);
  if (named.length > 0)
    return named
      .slice(0, 4)
      .map(([value, name]) => `${value} ${name}`)
      .join(", ");
  return minimum === null && maximum === null ? "" : `${minimum ?? "−∞"} … ${maximum ?? "∞"}`;
}
