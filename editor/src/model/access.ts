/** Who is at the page, and what their role lets them do. */

/** Roles, each of which may do all that those before it may. */
export const ROLES = ["viewer", "operator", "integrator", "administrator"] as const;
export type Role = (typeof ROLES)[number];

/** Somebody who is logged in; `by` is "open" where the gateway asks nobody. */
export interface Who {
  user: string;
  role: Role;
  by: "session" | "token" | "open";
}

/** Whether a role suffices; while nobody is known yet, the gateway decides. */
export function suffices(who: Who | null, needed: Role): boolean {
  return who === null || ROLES.indexOf(who.role) >= ROLES.indexOf(needed);
}

const INVITE = /^#invite=([\w-]+)$/;

/** The code of a one-time link; "" where the address has none. */
export function inviteOf(hash: string): string {
  return INVITE.exec(hash)?.[1] ?? "";
}
