/** One setting, one field: numbers with units, choices, signals, files, resources, secrets. */

import type { RegistryWidgetsType, WidgetProps } from "@rjsf/utils";
import { useT } from "../i18n/t";
import type { Schema } from "../model/nodeType";
import { resolve } from "../model/signals";
import { DraftInput } from "./DraftInput";
import { FilePick } from "./FilePick";
import { useFormPlace } from "./place";
import { fromText, toText } from "./present";
import { ResourcePick } from "./ResourcePick";
import { SecretName } from "./SecretName";
import { SignalPick } from "./SignalPick";

const settingOf = (props: WidgetProps) => props.options.setting as Schema;

function Words(props: WidgetProps) {
  return (
    <DraftInput
      id={props.id}
      value={toText(props.value)}
      placeholder={toText(settingOf(props).default)}
      onText={(text) => props.onChange(text === "" ? undefined : text)}
    />
  );
}

function Lines(props: WidgetProps) {
  return (
    <textarea
      id={props.id}
      rows={4}
      value={toText(props.value)}
      placeholder={toText(settingOf(props).default)}
      onChange={(event) => props.onChange(event.target.value || undefined)}
    />
  );
}

/** Text, number or truth value, as the setting takes it; durations and hexadecimal ids too. */
function Value(props: WidgetProps) {
  const setting = settingOf(props);
  return (
    <DraftInput
      id={props.id}
      value={toText(props.value)}
      placeholder={placeholderOf(setting)}
      onText={(text) => props.onChange(fromText(text, setting))}
    />
  );
}

function placeholderOf(setting: Schema): string {
  if (setting.default !== undefined) {
    return toText(setting.default) + (setting["x-type"] === "duration" ? " s" : "");
  }
  return { duration: "10 s", hex: "0x355" }[setting["x-type"] as "duration" | "hex"] ?? "";
}

function NumberField(props: WidgetProps) {
  const setting = settingOf(props);
  const { settings, signals } = useFormPlace();
  const named = setting["x-unit-of"] ? settings[setting["x-unit-of"]] : undefined;
  const unit =
    setting["x-unit"] ?? (typeof named === "string" ? (resolve(named, signals)?.unit ?? "") : "");
  return (
    <span className="with-unit">
      <DraftInput
        id={props.id}
        inputMode="decimal"
        value={toText(props.value)}
        placeholder={toText(setting.default)}
        onText={(text) => props.onChange(fromText(text, setting))}
      />
      {unit && <span className="unit">{unit}</span>}
    </span>
  );
}

function Choice(props: WidgetProps) {
  const t = useT();
  const setting = settingOf(props);
  const choices = setting.enum ?? [];
  const fallback = setting.default;
  return (
    <select
      id={props.id}
      value={props.value === undefined ? "" : String(choices.indexOf(props.value))}
      onChange={(event) =>
        props.onChange(event.target.value === "" ? undefined : choices[Number(event.target.value)])
      }
    >
      <option value="">
        {fallback === undefined ? "–" : t("form.default", { value: toText(fallback) })}
      </option>
      {choices.map((choice, index) => (
        <option key={toText(choice)} value={index}>
          {toText(choice)}
        </option>
      ))}
    </select>
  );
}

function Tick(props: WidgetProps) {
  const fallback = settingOf(props).default === true;
  return (
    <input
      id={props.id}
      type="checkbox"
      checked={props.value === undefined ? fallback : props.value === true}
      onChange={(event) =>
        props.onChange(event.target.checked === fallback ? undefined : event.target.checked)
      }
    />
  );
}

function Signal(props: WidgetProps) {
  return (
    <SignalPick
      id={props.id}
      value={toText(props.value)}
      onPick={(signal) => props.onChange(signal || undefined)}
    />
  );
}

function File(props: WidgetProps) {
  return (
    <FilePick
      id={props.id}
      value={toText(props.value)}
      endings={[settingOf(props)["x-file"] ?? []].flat().flatMap((text) => text.split(" "))}
      onPick={(path) => props.onChange(path || undefined)}
    />
  );
}

function Resource(props: WidgetProps) {
  return (
    <ResourcePick
      id={props.id}
      value={toText(props.value)}
      type={settingOf(props)["x-resource"] ?? ""}
      onPick={(name) => props.onChange(name || undefined)}
    />
  );
}

function Secret(props: WidgetProps) {
  return <SecretName id={props.id} value={props.value} onChange={props.onChange} />;
}

export const widgets: RegistryWidgetsType = {
  words: Words,
  lines: Lines,
  value: Value,
  number: NumberField,
  choice: Choice,
  tick: Tick,
  signal: Signal,
  file: File,
  resource: Resource,
  secret: Secret,
};
