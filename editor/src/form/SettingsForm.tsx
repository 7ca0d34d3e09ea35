/** The form of a node or a resource, made from its JSON Schema alone. */

import Form from "@rjsf/core";
import { useMemo } from "react";
import type { Problem } from "../api/http";
import type { SignalInfo } from "../api/types";
import type { FlowDocument, Item } from "../model/flow";
import type { NodeType } from "../model/nodeType";
import { errorsAt } from "./errors";
import { fields } from "./fields";
import { FormPlaceContext } from "./place";
import { present, withoutEmpty } from "./present";
import { templates } from "./templates";
import { runtimeChecks } from "./validator";
import { widgets } from "./widgets";

interface SettingsFormProps {
  section: "nodes" | "resources";
  id: string;
  item: Item;
  type: NodeType;
  document: FlowDocument;
  problems: readonly Problem[];
  signals: readonly SignalInfo[];
  onChange: (settings: Record<string, unknown>) => void;
}

export function SettingsForm(props: SettingsFormProps) {
  const { section, id, item, type, document, problems, signals, onChange } = props;
  const { schema, ui } = useMemo(() => present(type.settings), [type]);
  const settings = useMemo(() => {
    const { type: _type, enabled: _enabled, ...rest } = item;
    return rest;
  }, [item]);
  const { byField, general } = useMemo(
    () => errorsAt(problems, document, section, id, Object.keys(type.settings.properties ?? {})),
    [problems, document, section, id, type],
  );
  const place = useMemo(
    () => ({ section, id, settings, signals }),
    [section, id, settings, signals],
  );
  return (
    <FormPlaceContext.Provider value={place}>
      {general.map((sentence) => (
        <p key={sentence} className="field-error" role="alert">
          {sentence}
        </p>
      ))}
      <Form
        key={`${section}.${id}.${item.type}`}
        tagName="div"
        idPrefix={`${section}-${id}`}
        schema={schema}
        uiSchema={ui}
        formData={settings}
        validator={runtimeChecks}
        extraErrors={byField}
        extraErrorsBlockSubmit={false}
        showErrorList={false}
        noHtml5Validate
        experimental_defaultFormStateBehavior={DEFAULTS_STAY_OUT}
        fields={fields}
        widgets={widgets}
        templates={templates}
        onChange={({ formData }) => onChange(withoutEmpty(formData ?? {}))}
      >
        <span />
      </Form>
    </FormPlaceContext.Provider>
  );
}

/** A flow file says what was set; defaults stay the runtime's. */
const DEFAULTS_STAY_OUT = {
  emptyObjectFields: "skipDefaults",
  arrayMinItems: { populate: "never" },
} as const;
