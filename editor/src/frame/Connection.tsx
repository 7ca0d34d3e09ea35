/** Says that the gateway cannot be reached, and that nothing is lost by it. */

import { useStore } from "../app/store";
import { reconnect } from "../app/watching";
import { useT } from "../i18n/t";

export function Connection() {
  const t = useT();
  const connected = useStore((state) => state.connected);
  const loggingIn = useStore((state) => state.dialog?.kind === "login");
  if (connected || loggingIn) return null;
  return (
    <div className="banner" role="alert">
      {t("connection.lost")}
      <button type="button" onClick={reconnect}>
        {t("connection.retry")}
      </button>
    </div>
  );
}
