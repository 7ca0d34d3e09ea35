/** The name of a subflow that the selection becomes. */

import { type FormEvent, useState } from "react";
import { makeSubflow } from "../app/extracting";
import { useStore } from "../app/store";
import { useT } from "../i18n/t";
import { freeFlowName, isFlowName } from "../model/names";
import { Modal } from "./Modal";

export function SubflowDialog() {
  const t = useT();
  const order = useStore((state) => state.order);
  const flow = useStore((state) => state.active);
  const [name, setName] = useState(() => freeFlowName(`${flow}-part`, order));
  const [failed, setFailed] = useState("");
  const fits = isFlowName(name) && !order.includes(name);
  const make = (event: FormEvent) => {
    event.preventDefault();
    if (fits) makeSubflow(name).catch((error: Error) => setFailed(error.message));
  };
  return (
    <Modal title={t("action.subflow")}>
      <form onSubmit={make}>
        <p className="muted">{t("subflow.help")}</p>
        <input
          // biome-ignore lint/a11y/noAutofocus: the window was called to be typed into
          autoFocus
          aria-label={t("subflow.name")}
          aria-invalid={!fits}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {!fits && <p className="field-error">{t("flow.badName")}</p>}
        {failed && (
          <p className="field-error" role="alert">
            {failed}
          </p>
        )}
        <button type="submit" className="primary" disabled={!fits}>
          {t("subflow.go")}
        </button>
      </form>
    </Modal>
  );
}
