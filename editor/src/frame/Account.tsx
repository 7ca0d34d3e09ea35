/** Who is at the page: name and role, a menu to log out; or that nobody is asked. */

import { IconLockOpen, IconUser } from "@tabler/icons-react";
import { logOut } from "../app/access";
import { tell } from "../app/beginning";
import { change, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { useMenu } from "./useMenu";

export function Account() {
  const t = useT();
  const who = useStore((state) => state.who);
  const { box, open, setOpen } = useMenu();
  if (who === null) return null;
  if (who.by === "open") {
    return (
      <span className="open-doors" title={t("account.openHelp")}>
        <IconLockOpen size={14} aria-hidden="true" /> {t("account.open")}
      </span>
    );
  }
  const item = (label: string, run: () => void) => (
    <button
      type="button"
      className="quiet"
      onClick={() => {
        setOpen(false);
        run();
      }}
    >
      {label}
    </button>
  );
  return (
    <span className="tab-menu account" ref={box}>
      <button
        type="button"
        className="quiet"
        aria-label={t("account.menu", { user: who.user, role: t(`role.${who.role}`) })}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <IconUser size={16} aria-hidden="true" /> {who.user}
      </button>
      {open && (
        <div className="menu">
          <p className="muted">{t("account.is", { role: t(`role.${who.role}`) })}</p>
          {item(t("account.password"), () => change({ dialog: { kind: "password" } }))}
          {item(t("account.logout"), () => void logOut().catch(tell))}
        </div>
      )}
    </span>
  );
}
