/** Who else has the editor open, in the top line. */

import { IconUsers } from "@tabler/icons-react";
import { change, type Person, useStore } from "../app/store";
import { useT, type t as words } from "../i18n/t";

export function People() {
  const t = useT();
  const people = useStore((state) => state.people);
  if (people.length === 0) return null;
  return (
    <button
      type="button"
      className="pill"
      title={people.map((person) => sentenceOf(person, t)).join("\n")}
      onClick={() => change({ panel: "health" })}
    >
      <IconUsers size={14} /> {t("people.count", { count: people.length })}
    </button>
  );
}

/** What somebody does, in a sentence. */
export function sentenceOf({ who, flow, edits }: Person, t: typeof words): string {
  return t(edits ? "people.edits" : "people.looks", { who, flow });
}
