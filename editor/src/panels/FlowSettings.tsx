/** The flow itself: name, description, what the runtime remarks, what it promises of delivery. */

import { Suspense, useState } from "react";
import { tell } from "../app/beginning";
import { edit } from "../app/editing";
import { later } from "../app/later";
import { rename } from "../app/renaming";
import { activeTab, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { isSubflow } from "../model/flow";
import { isFlowName } from "../model/names";
import { Delivery } from "./Delivery";

const JsonEditor = later(() => import("./JsonEditor"));

export function FlowSettings() {
  const t = useT();
  const [asJson, setAsJson] = useState(false);
  const tab = useStore(activeTab);
  if (!tab) return null;
  const { document } = tab.history.present;
  return (
    <>
      <FlowName key={tab.name} name={tab.name} fixed={isSubflow(document)} />
      <div className="field">
        <label htmlFor="flow-description">{t("flow.description")}</label>
        <textarea
          id="flow-description"
          rows={3}
          value={document.description ?? ""}
          onChange={(event) =>
            edit((draft) => {
              const { description: _was, ...rest } = draft.document;
              const text = event.target.value;
              const next = text ? { ...rest, description: text } : rest;
              return { ...draft, document: { ...next } };
            }, "description")
          }
        />
      </div>
      {tab.hints.length > 0 && (
        <section>
          <h3>{t("flow.hints")}</h3>
          <ul className="plain">
            {tab.hints.map((hint) => (
              <li key={hint}>{hint}</li>
            ))}
          </ul>
        </section>
      )}
      <Delivery lines={tab.delivery} />
      <p className="muted">{t("flow.selectHelp")}</p>
      <button
        type="button"
        className="quiet"
        aria-pressed={asJson}
        onClick={() => setAsJson(!asJson)}
      >
        {t("flow.json")}
      </button>
      {asJson && (
        <Suspense fallback={null}>
          <JsonEditor
            label={t("flow.json")}
            value={document}
            isFlow
            onValue={(value) =>
              edit((draft) => ({
                ...draft,
                document: { ...(value as typeof document), name: tab.name },
              }))
            }
          />
        </Suspense>
      )}
    </>
  );
}

/** The name of a flow; that of a subflow stays, as others call it by it. */
function FlowName({ name, fixed }: { name: string; fixed: boolean }) {
  const t = useT();
  const [text, setText] = useState(name);
  const order = useStore((state) => state.order);
  const fits = text === name || (isFlowName(text) && !order.includes(text));
  if (fixed) return <h2>{name}</h2>;
  const failed = (error: unknown) => {
    setText(name);
    tell(error);
  };
  return (
    <>
      <input
        className="name"
        aria-label={t("flow.name")}
        aria-invalid={!fits}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          if (fits && text !== name) rename(name, text).catch(failed);
          else setText(name);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
        }}
      />
      {!fits && <p className="field-error">{t("flow.badName")}</p>}
    </>
  );
}
