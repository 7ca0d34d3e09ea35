/** Short sentences for the person, in a corner. */

import { dismiss, useStore } from "../app/store";
import { useT } from "../i18n/t";

export function Notices() {
  const t = useT();
  const notices = useStore((state) => state.notices);
  return (
    <section className="notices" aria-live="polite" aria-label={t("notices")}>
      {notices.map(({ id, kind, text }) => (
        <div key={id} className={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
          <span>{text}</span>
          <button
            type="button"
            className="quiet"
            aria-label={t("close")}
            onClick={() => dismiss(id)}
          >
            ×
          </button>
        </div>
      ))}
    </section>
  );
}
