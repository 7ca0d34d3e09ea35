/** What the signal of this form reads now, where the flow runs. */

import { useLiveValue } from "../app/useLiveValue";
import { useT } from "../i18n/t";
import { formatValue } from "../model/format";
import { resolve } from "../model/signals";
import { useFormPlace } from "./place";

export function LiveValue() {
  const t = useT();
  const { id, settings, signals } = useFormPlace();
  const signal =
    typeof settings.signal === "string" ? resolve(settings.signal, signals) : undefined;
  const value = useLiveValue(id, signal);
  if (value === undefined) return null;
  return (
    <output className="live">
      {t("form.live")} {formatValue(value)} {signal?.unit}
    </output>
  );
}
