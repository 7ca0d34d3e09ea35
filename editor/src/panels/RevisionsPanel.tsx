/** What was deployed before: by whom, when; compared with the drawing, and restored. */

import { useCallback, useEffect, useState } from "react";
import * as gateway from "../api/gateway";
import type { Revision } from "../api/types";
import { guarded, useRefusal } from "../app/access";
import { tell } from "../app/beginning";
import { restore } from "../app/deploying";
import { activeTab, read, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { type Change, diffDocuments } from "../model/diff";
import { exactTime, formatDate } from "../model/format";
import { Changes } from "./Changes";

export function RevisionsPanel() {
  const t = useT();
  const name = useStore((state) => state.active);
  const etag = useStore((state) => activeTab(state)?.etag);
  const [revisions, setRevisions] = useState<Revision[]>([]);
  const [compared, setCompared] = useState<{ id: string; changes: Change[] } | null>(null);

  const load = useCallback(() => {
    setCompared(null);
    if (!etag) return setRevisions([]);
    gateway.revisions(name).then(setRevisions, tell);
  }, [name, etag]);
  useEffect(load, [load]);

  const refusal = useRefusal("integrator");
  const compare = async (id: string) => {
    const tab = activeTab(read());
    if (!tab) return;
    const document = await gateway.revision(name, id);
    setCompared({ id, changes: diffDocuments(document, tab.history.present.document) });
  };
  return (
    <>
      <h2>{t("panel.revisions")}</h2>
      {revisions.length === 0 && <p className="muted">{t("revisions.none")}</p>}
      <ol className="revisions">
        {revisions.map((revision) => (
          <li key={`${revision.id} ${revision.time}`} className={revision.running ? "running" : ""}>
            <div>
              <time title={exactTime(revision.time)}>{formatDate(revision.time)}</time>{" "}
              <code>{revision.id}</code> {revision.running && <b>{t("revisions.running")}</b>}
            </div>
            <div className="muted">
              {[revision.author, revision.note, revision.changes].filter(Boolean).join(" · ")}
            </div>
            {revision.failed && (
              <div className="field-error">{t("revisions.failed", { why: revision.failed })}</div>
            )}
            <div className="row">
              <button
                type="button"
                className="quiet"
                onClick={() => void compare(revision.id).catch(tell)}
              >
                {t("revisions.compare")}
              </button>
              {!revision.running && (
                <button
                  type="button"
                  className="quiet"
                  {...guarded(refusal)}
                  onClick={() => void restore(revision.id).then(load, tell)}
                >
                  {t("revisions.restore")}
                </button>
              )}
            </div>
            {compared?.id === revision.id && (
              <Changes changes={compared.changes} none={t("revisions.same")} />
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
