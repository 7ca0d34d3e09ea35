/** A new password: by the one-time link, or in place of the old one. */

import * as gateway from "../api/gateway";
import { goOn } from "../app/beginning";
import { change, notify, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { type CredentialField, Credentials } from "./Credentials";
import { Modal } from "./Modal";

/** `invite` is the code of the link; without one, the old password is asked for. */
export function PasswordDialog({ invite = "" }: { invite?: string }) {
  const t = useT();
  const ready = useStore((state) => state.ready);
  const old: CredentialField[] = [
    { id: "old", label: t("password.old"), autoComplete: "current-password" },
  ];
  return (
    <Modal title={t(invite ? "password.first" : "account.password")} busy={!ready}>
      <p className="muted">{t("password.help")}</p>
      <Credentials
        fields={[
          ...(invite ? [] : old),
          { id: "wanted", label: t("password.new"), autoComplete: "new-password" },
          { id: "again", label: t("password.again"), autoComplete: "new-password" },
        ]}
        go={t("password.go")}
        send={async ({ old = "", wanted = "", again = "" }) => {
          if (wanted !== again) throw new Error(t("password.differ"));
          if (invite) {
            await gateway.acceptInvite(invite, wanted);
            await goOn();
          } else {
            await gateway.changePassword(old, wanted);
            change({ dialog: null });
            notify("good", t("password.done"));
          }
        }}
      />
    </Modal>
  );
}
