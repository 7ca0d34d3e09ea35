/** What the person at the page may do, and the sentence for what they may not. */

import * as gateway from "../api/gateway";
import { t, useT } from "../i18n/t";
import { type Role, suffices } from "../model/access";
import { change, notify, read, useStore } from "./store";
import { reconnect } from "./watching";

/** Why something is not theirs to do; "" where it is. */
export function useRefusal(needed: Role): string {
  const who = useStore((state) => state.who);
  useT();
  return suffices(who, needed) ? "" : sentence(needed);
}

/** Whether they may; says why where they may not. */
export function mayOrTell(needed: Role): boolean {
  if (suffices(read().who, needed)) return true;
  notify("bad", sentence(needed));
  return false;
}

/** The properties of a button that needs a role: off, with the reason, or as it is. */
export function guarded(refusal: string): { disabled?: true; title?: string } {
  return refusal === "" ? {} : { disabled: true, title: refusal };
}

/** Read who is there; a gateway that wants a login makes the page ask for it. */
export async function loadWho(): Promise<void> {
  change({ who: await gateway.session() });
}

/** Log out; the drawing stays in this browser. */
export async function logOut(): Promise<void> {
  await gateway.logout();
  change({ who: null, dialog: { kind: "login", reason: t("login.out") } });
  reconnect();
}

function sentence(needed: Role): string {
  const own = read().who?.role ?? "viewer";
  return t("access.needs", { needed: t(`role.${needed}`), own: t(`role.${own}`) });
}
