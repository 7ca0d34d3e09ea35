/** Says that the gateway has started no flow, and why; starting one by hand ends it. */

import { useStore } from "../app/store";
import { useT } from "../i18n/t";

export function SafeMode() {
  const t = useT();
  const reason = useStore((state) => state.health?.safe_mode);
  if (!reason) return null;
  return (
    <div className="banner" role="alert">
      {t("safe.mode", { reason })}
    </div>
  );
}
