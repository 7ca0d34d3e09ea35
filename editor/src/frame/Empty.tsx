/** What stands where nothing is drawn yet: how to begin. */

import { create } from "../app/loading";
import { change } from "../app/store";
import { useT } from "../i18n/t";

/** The gateway has no flow. */
export function NoFlow() {
  const t = useT();
  return (
    <div className="empty">
      <h2>{t("empty.noFlow")}</h2>
      <p>{t("empty.noFlowHelp")}</p>
      <Beginnings />
    </div>
  );
}

/** The flow that is shown has no node. */
export function EmptyFlow() {
  const t = useT();
  return (
    <div className="empty over">
      <h2>{t("empty.flow")}</h2>
      <ol>
        <li>{t("empty.source")}</li>
        <li>{t("empty.wire")}</li>
        <li>{t("empty.deploy")}</li>
      </ol>
      <div className="row">
        <button type="button" onClick={() => change({ dialog: { kind: "examples" } })}>
          {t("action.examples")}
        </button>
      </div>
    </div>
  );
}

function Beginnings() {
  const t = useT();
  return (
    <div className="row">
      <button type="button" className="primary" onClick={() => create()}>
        {t("action.newFlow")}
      </button>
      <button type="button" onClick={() => change({ dialog: { kind: "examples" } })}>
        {t("action.examples")}
      </button>
      <button type="button" onClick={() => change({ dialog: { kind: "import" } })}>
        {t("action.import")}
      </button>
    </div>
  );
}
