/** A field that narrows a list. */

import { useT } from "../i18n/t";

export function FilterField({ text, onText }: { text: string; onText: (text: string) => void }) {
  const t = useT();
  return (
    <input
      type="search"
      aria-label={t("debug.filter")}
      placeholder={t("debug.filter")}
      value={text}
      onChange={(event) => onText(event.target.value)}
    />
  );
}
