/** How a setting stands in a form: label, field, help, and what the runtime says about it. */

import type { FieldTemplateProps, ObjectFieldTemplateProps, TemplatesType } from "@rjsf/utils";
import { useT } from "../i18n/t";
import { LiveValue } from "./LiveValue";
import { ResourceFold } from "./ResourcePick";

function FieldTemplate(props: FieldTemplateProps) {
  const {
    id,
    label,
    required,
    children,
    rawErrors,
    rawDescription,
    uiSchema,
    schema,
    hidden,
    formData,
  } = props;
  if (hidden) return null;
  const setting = uiSchema?.["ui:options"]?.setting as Record<string, unknown> | undefined;
  const isRoot = setting === undefined;
  if (isRoot) return <div className="form">{children}</div>;
  const isGroup = schema.type === "object" && uiSchema?.["ui:field"] === undefined;
  const errors = rawErrors ?? [];
  if (isGroup) {
    return (
      <details className="field-group" open={isSet(formData) || errors.length > 0}>
        <summary>{label}</summary>
        {rawDescription && <p className="help">{rawDescription}</p>}
        {children}
        <Errors id={id} errors={errors} />
      </details>
    );
  }
  return (
    <div className={`field ${errors.length > 0 ? "has-error" : ""}`}>
      <div className="field-head">
        <label htmlFor={id} id={`${id}-label`} className={required ? "required" : ""}>
          {label}
        </label>
        {setting["x-signal"] === true && setting.type === "string" && <LiveValue />}
      </div>
      {children}
      <Errors id={id} errors={errors} />
      {rawDescription && (
        <p className="help" id={`${id}-help`}>
          {rawDescription}
        </p>
      )}
      {setting["x-resource"] !== undefined && typeof formData === "string" && (
        <ResourceFold key={formData} name={formData} />
      )}
    </div>
  );
}

/** A group of settings is open where something is set in it. */
function isSet(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function Errors({ id, errors }: { id: string; errors: string[] }) {
  return errors.map((error) => (
    <p key={error} className="field-error" role="alert" id={`${id}-error`}>
      {error}
    </p>
  ));
}

/** Settings that are rarely needed lie behind a fold. */
function ObjectFieldTemplate({ properties, uiSchema }: ObjectFieldTemplateProps) {
  const t = useT();
  const advanced = (name: string) => uiSchema?.[name]?.["ui:options"]?.advanced === true;
  const usual = properties.filter(({ name }) => !advanced(name));
  const rare = properties.filter(({ name }) => advanced(name));
  return (
    <>
      {usual.map(({ content }) => content)}
      {rare.length > 0 && (
        <details>
          <summary>{t("form.advanced")}</summary>
          {rare.map(({ content }) => content)}
        </details>
      )}
    </>
  );
}

export const templates: Partial<TemplatesType> = { FieldTemplate, ObjectFieldTemplate };
