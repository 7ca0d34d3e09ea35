/** Labelled fields for names and passwords, an error, and the button that sends them. */

import { type FormEvent, useState } from "react";

export interface CredentialField {
  id: string;
  label: string;
  autoComplete: "username" | "current-password" | "new-password";
}

interface CredentialsProps {
  fields: CredentialField[];
  go: string;
  /** Throws an error whose message is shown. */
  send: (values: Record<string, string>) => Promise<void>;
}

export function Credentials({ fields, go, send }: CredentialsProps) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailed("");
    try {
      await send(Object.fromEntries(fields.map(({ id }) => [id, values[id] ?? ""])));
    } catch (error) {
      setFailed((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      {fields.map(({ id, label, autoComplete }) => (
        <p key={id}>
          <label htmlFor={`login-${id}`}>{label}</label>
          <input
            id={`login-${id}`}
            type={autoComplete === "username" ? "text" : "password"}
            autoComplete={autoComplete}
            required
            value={values[id] ?? ""}
            onChange={(event) => setValues({ ...values, [id]: event.target.value })}
          />
        </p>
      ))}
      {failed && (
        <p className="field-error" role="alert">
          {failed}
        </p>
      )}
      <div className="row end">
        <button type="submit" className="primary" disabled={busy}>
          {go}
        </button>
      </div>
    </form>
  );
}
