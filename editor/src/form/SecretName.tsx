/** A secret is a name; its value lives outside the flow and is never shown. */

import { useT } from "../i18n/t";
import { DraftInput } from "./DraftInput";

interface SecretNameProps {
  id: string;
  value: unknown;
  onChange: (value: { secret: string } | undefined) => void;
}

export function SecretName({ id, value, onChange }: SecretNameProps) {
  const t = useT();
  const name = (value as { secret?: string } | undefined)?.secret ?? "";
  return (
    <>
      <DraftInput
        id={id}
        value={name}
        placeholder={t("form.secretName")}
        onText={(text) => onChange(text === "" ? undefined : { secret: text })}
      />
      <p className="help">{t("form.secretHelp")}</p>
    </>
  );
}
