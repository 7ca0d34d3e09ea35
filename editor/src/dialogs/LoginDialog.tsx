/** The gateway asks who is there; the drawing waits behind. */

import { type FormEvent, useState } from "react";
import * as gateway from "../api/gateway";
import { goOn } from "../app/beginning";
import { useT } from "../i18n/t";
import { Modal } from "./Modal";

export function LoginDialog({ reason }: { reason: string }) {
  const t = useT();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [failed, setFailed] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await gateway.login(user, password);
      await goOn();
    } catch (error) {
      setFailed((error as Error).message);
    }
  };
  return (
    <Modal title={t("login.title")}>
      <p>{reason}</p>
      <p className="muted">{t("login.kept")}</p>
      <form onSubmit={(event) => void submit(event)}>
        <label htmlFor="login-user">{t("login.user")}</label>
        <input
          id="login-user"
          autoComplete="username"
          value={user}
          onChange={(event) => setUser(event.target.value)}
        />
        <label htmlFor="login-password">{t("login.password")}</label>
        <input
          id="login-password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {failed && (
          <p className="field-error" role="alert">
            {failed}
          </p>
        )}
        <div className="row end">
          <button type="submit" className="primary">
            {t("login.go")}
          </button>
        </div>
      </form>
    </Modal>
  );
}
