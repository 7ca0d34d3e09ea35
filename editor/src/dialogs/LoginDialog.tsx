/** The gateway asks who is there; the drawing waits behind. */

import * as gateway from "../api/gateway";
import { goOn } from "../app/beginning";
import { useStore } from "../app/store";
import { useT } from "../i18n/t";
import { Credentials } from "./Credentials";
import { Modal } from "./Modal";

export function LoginDialog({ reason }: { reason: string }) {
  const t = useT();
  const ready = useStore((state) => state.ready);
  return (
    <Modal title={t("login.title")} busy={!ready}>
      <p>{reason}</p>
      {ready && <p className="muted">{t("login.kept")}</p>}
      <Credentials
        fields={[
          { id: "user", label: t("login.user"), autoComplete: "username" },
          { id: "password", label: t("login.password"), autoComplete: "current-password" },
        ]}
        go={t("login.go")}
        send={async ({ user = "", password = "" }) => {
          await gateway.login(user, password);
          await goOn();
        }}
      />
    </Modal>
  );
}
