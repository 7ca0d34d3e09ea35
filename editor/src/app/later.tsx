/** Parts of the page that are loaded when they are first shown, or a little after the page is. */

import { type ComponentType, lazy } from "react";
import { useT } from "../i18n/t";

type Load<P> = () => Promise<{ default: ComponentType<P> }>;

/** Milliseconds after which a part that is likely to be needed is fetched. */
const SOON = 1500;

/** A component from a file of its own; where it cannot be fetched, the place says so. */
export function later<P extends object>(load: Load<P>) {
  return lazy(() => load().catch(() => ({ default: Missing })));
}

/** The same for a part that must be there when the gateway is not. */
export function soon<P extends object>(load: Load<P>) {
  const fetched = new Promise((go) => window.setTimeout(go, SOON)).then(load);
  fetched.catch(() => {}); // told by `Missing` when the part is shown
  return lazy(() => Promise.race([load(), fetched]).catch(() => ({ default: Missing })));
}

/** Browsers do not fetch a file again that they failed to fetch once, before the page is loaded anew. */
function Missing() {
  const t = useT();
  return (
    <p className="muted" role="status">
      {t("start.missing")}{" "}
      <button type="button" onClick={() => location.reload()}>
        {t("start.reload")}
      </button>
    </p>
  );
}
