/** What a deploy changes, logic and layout apart; then its steps as they happen. */

import { useState } from "react";
import { deploy } from "../app/deploying";
import { change, type Dialog } from "../app/store";
import { useT } from "../i18n/t";
import { Changes } from "../panels/Changes";
import { Modal } from "./Modal";

export function DeployDialog({ dialog }: { dialog: Extract<Dialog, { kind: "deploy" }> }) {
  const t = useT();
  const [note, setNote] = useState("");
  const [skipTests, setSkipTests] = useState(false);
  const [also, setAlso] = useState<string[]>([]);
  const { diff, others, steps, busy, failed } = dialog;
  return (
    <Modal title={t("deploy.title")} busy={busy}>
      <section className="scroll">
        <h3>{t("deploy.logic", { count: diff.logic.length })}</h3>
        <Changes changes={diff.logic} none={t("deploy.noLogic")} />
        <details open={diff.logic.length === 0}>
          <summary>{t("deploy.layout", { count: diff.layout.length })}</summary>
          <Changes changes={diff.layout} none={t("deploy.noLayout")} />
        </details>
      </section>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void deploy(note, also, skipTests);
        }}
      >
        {others.length > 0 && (
          <fieldset className="also" disabled={busy}>
            <legend>{t("deploy.also")}</legend>
            {others.map(({ name, count }) => (
              <label className="tick" key={name}>
                <input
                  type="checkbox"
                  checked={also.includes(name)}
                  onChange={(event) =>
                    setAlso(
                      event.target.checked ? [...also, name] : also.filter((one) => one !== name),
                    )
                  }
                />
                {name} <small>{t("deploy.changes", { count })}</small>
              </label>
            ))}
          </fieldset>
        )}
        <p className="help">{t("deploy.touches")}</p>
        <label htmlFor="deploy-note">{t("deploy.note")}</label>
        <input
          id="deploy-note"
          value={note}
          placeholder={t("deploy.notePlaceholder")}
          onChange={(event) => setNote(event.target.value)}
        />
        <label className="tick">
          <input
            type="checkbox"
            checked={skipTests}
            onChange={(event) => setSkipTests(event.target.checked)}
          />
          {t("deploy.skipTests")}
        </label>
        <ol className="steps" aria-live="polite">
          {steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps only get more
            <li key={index}>{step}</li>
          ))}
        </ol>
        {failed && (
          <p className="field-error" role="alert">
            {failed}
          </p>
        )}
        <div className="row end">
          <button type="button" disabled={busy} onClick={() => change({ dialog: null })}>
            {t("cancel")}
          </button>
          {/* biome-ignore lint/a11y/noAutofocus: Ctrl+Enter, Enter deploys */}
          <button type="submit" className="primary" disabled={busy} autoFocus>
            {t(busy ? "deploy.busy" : "deploy.go")}
          </button>
        </div>
      </form>
    </Modal>
  );
}
