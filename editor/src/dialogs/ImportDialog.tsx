/** Bring a flow, or a part of one: as a file, or as pasted text. */

import { type DragEvent, useState } from "react";
import { pasteText } from "../app/actions";
import { create } from "../app/loading";
import { activeDraft, change, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { parseFragment } from "../model/clipboard";
import { freeFlowName } from "../model/names";
import { parseFlow } from "../model/parse";
import { Modal } from "./Modal";

export function ImportDialog() {
  const t = useT();
  const [text, setText] = useState("");
  const [failed, setFailed] = useState("");
  const order = useStore((state) => state.order);
  const hasFlow = useStore((state) => activeDraft(state) !== undefined);
  const name = nameIn(text);
  const taken = name !== "" && order.includes(name);

  const take = (bring: () => void) => {
    try {
      bring();
    } catch (error) {
      setFailed((error as Error).message);
    }
  };
  const asFlow = () =>
    take(() => {
      const document = parseFlow(text);
      change({ dialog: null });
      create(document);
    });
  const intoFlow = () =>
    take(() => {
      parseFragment(text);
      change({ dialog: null });
      pasteText(text);
    });
  const readFile = async (file: File | undefined) => {
    if (!file) return;
    setFailed("");
    setText(await file.text());
  };
  return (
    <Modal title={t("action.import")} wide>
      <p className="muted">{t("import.help")}</p>
      <textarea
        className="code"
        rows={12}
        aria-label={t("import.text")}
        value={text}
        spellCheck={false}
        onChange={(event) => {
          setFailed("");
          setText(event.target.value);
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event: DragEvent) => {
          if (event.dataTransfer.files.length === 0) return;
          event.preventDefault();
          void readFile(event.dataTransfer.files[0]);
        }}
      />
      {taken && <p>{t("import.taken", { name, free: freeFlowName(name, order) })}</p>}
      {failed && (
        <p className="field-error" role="alert">
          {failed}
        </p>
      )}
      <div className="row end">
        <label className="file">
          {t("import.file")}
          <input
            type="file"
            accept=".json,application/json"
            onChange={(event) => void readFile(event.target.files?.[0])}
          />
        </label>
        <button type="button" disabled={text === "" || !hasFlow} onClick={intoFlow}>
          {t("import.into")}
        </button>
        <button type="button" className="primary" disabled={text === ""} onClick={asFlow}>
          {t("import.new")}
        </button>
      </div>
    </Modal>
  );
}

/** The name of the flow in a text that may not be one. */
function nameIn(text: string): string {
  try {
    return parseFlow(text).name;
  } catch {
    return ""; // said when it is brought
  }
}
