import { expect, test } from "vitest";
import { inviteOf, ROLES, suffices, type Who } from "./access";

const ana: Who = { user: "ana", role: "operator", by: "session" };

test("a role may what those before it may, and no more", () => {
  expect(ROLES.map((role) => suffices(ana, role))).toEqual([true, true, false, false]);
});

test("while nobody is known the gateway decides", () => {
  expect(suffices(null, "administrator")).toBe(true);
});

test.each([
  ["#invite=abc_D-1", "abc_D-1"],
  ["#invite=", ""],
  ["#rack", ""],
  ["#invite=a b", ""],
  ["", ""],
])("the code of the link %s is %s", (hash, code) => {
  expect(inviteOf(hash)).toBe(code);
});
