/** Somebody else deployed meanwhile: what both changed, and three ways on. */

import { settle } from "../app/deploying";
import { activeTab, type Dialog, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { diffDocuments } from "../model/diff";
import { emptyFlow } from "../model/flow";
import { Changes } from "../panels/Changes";
import { Modal } from "./Modal";

export function ConflictDialog({ dialog }: { dialog: Extract<Dialog, { kind: "conflict" }> }) {
  const t = useT();
  const tab = useStore(activeTab);
  if (!tab) return null;
  const base = tab.base?.document ?? emptyFlow(tab.name);
  const { clashes } = dialog.merged;
  return (
    <Modal title={t("conflict.title")} wide>
      <p>{t("conflict.help", { name: tab.name })}</p>
      <div className="columns scroll">
        <section>
          <h3>{t("conflict.theirs")}</h3>
          <Changes
            changes={diffDocuments(base, dialog.theirs.document)}
            none={t("conflict.nothing")}
          />
        </section>
        <section>
          <h3>{t("conflict.mine")}</h3>
          <Changes
            changes={diffDocuments(base, tab.history.present.document)}
            none={t("conflict.nothing")}
          />
        </section>
      </div>
      {clashes.length > 0 && (
        <p className="field-error">
          {t("conflict.clashes", { places: clashes.map(({ place }) => place).join(", ") })}
        </p>
      )}
      <div className="row end">
        <button type="button" onClick={() => settle("theirs")}>
          {t("conflict.takeTheirs")}
        </button>
        <button type="button" onClick={() => settle("mine")}>
          {t("conflict.takeMine")}
        </button>
        <button type="button" className="primary" onClick={() => settle("merged")}>
          {t("conflict.merge")}
        </button>
      </div>
    </Modal>
  );
}
