/** Settings that hold many values: lists, tables of rows, names with values. */

import type { FieldProps, RegistryFieldsType } from "@rjsf/utils";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useT } from "../i18n/t";
import { title } from "../model/format";
import type { Schema } from "../model/nodeType";
import { DraftInput } from "./DraftInput";
import { fromText, toText } from "./present";
import { SignalPick } from "./SignalPick";

const settingOf = (props: FieldProps) => props.uiSchema?.["ui:options"]?.setting as Schema;

/** RJSF wants to know where in the form a change was made. */
function put(props: FieldProps, value: unknown): void {
  props.onChange(value, props.fieldPathId.path);
}

/** A list of values as chips; signals are picked, choices ticked. */
function List(props: FieldProps) {
  const setting = settingOf(props);
  const values: unknown[] = Array.isArray(props.formData) ? props.formData : [];
  const items = setting.items ?? {};
  const set = (next: unknown[]) => put(props, next.length > 0 ? next : undefined);
  if (items.enum)
    return <Ticks choices={items.enum} values={values} onValues={set} setting={setting} />;
  const isSignal = setting["x-signal"] === true || items["x-signal"] === true;
  const add = (value: unknown) => {
    if (value !== undefined && !values.includes(value)) set([...values, value]);
  };
  return (
    <span className="list-field">
      {values.map((value, index) => (
        <Chip
          key={toText(value)}
          text={toText(value)}
          onRemove={() => set(values.filter((_, other) => other !== index))}
        />
      ))}
      {isSignal ? (
        <SignalPick id={props.fieldPathId.$id} value="" onPick={add} />
      ) : (
        <AddText id={props.fieldPathId.$id} onText={(text) => add(fromText(text, items))} />
      )}
    </span>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  const t = useT();
  return (
    <span className="chip">
      {text}
      <button
        type="button"
        className="quiet"
        aria-label={t("form.remove", { what: text })}
        onClick={onRemove}
      >
        <IconX size={12} />
      </button>
    </span>
  );
}

function AddText({ id, onText }: { id: string; onText: (text: string) => void }) {
  const t = useT();
  const [text, setText] = useState("");
  const add = () => {
    if (text.trim() !== "") onText(text.trim());
    setText("");
  };
  return (
    <span className="add-text">
      <input
        id={id}
        value={text}
        placeholder={t("form.add")}
        onChange={(event) => setText(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          add();
        }}
      />
    </span>
  );
}

interface TicksProps {
  choices: unknown[];
  values: unknown[];
  onValues: (values: unknown[]) => void;
  setting: Schema;
}

function Ticks({ choices, values, onValues, setting }: TicksProps) {
  const fallback = Array.isArray(setting.default) ? setting.default : [];
  const shown = values.length > 0 ? values : fallback;
  return (
    <span className="ticks">
      {choices.map((choice) => (
        <label key={toText(choice)}>
          <input
            type="checkbox"
            checked={shown.includes(choice)}
            onChange={(event) =>
              onValues(
                choices.filter((one) =>
                  one === choice ? event.target.checked : shown.includes(one),
                ),
              )
            }
          />
          {toText(choice)}
        </label>
      ))}
    </span>
  );
}

type Row = Record<string, unknown>;

/** A list of objects as a table; what is rarely set has its columns only where it is set. */
function Table(props: FieldProps) {
  const t = useT();
  const setting = settingOf(props);
  const rows: Row[] = Array.isArray(props.formData) ? props.formData : [];
  const all = Object.entries(setting.items?.properties ?? {});
  const columns = all.filter(
    ([name, column]) => !column["x-advanced"] || rows.some((row) => row[name] !== undefined),
  );
  const set = (next: Row[]) => put(props, next.length > 0 ? next : undefined);
  const setCell = (at: number, name: string, value: unknown) =>
    set(rows.map((row, index) => (index === at ? withCell(row, name, value) : row)));
  return (
    <section
      className="table-field"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls is reached by key
      tabIndex={0}
      aria-labelledby={`${props.fieldPathId.$id}-label`}
    >
      <table id={props.fieldPathId.$id}>
        <thead>
          <tr>
            {columns.map(([name, column]) => (
              <th key={name} title={column.description}>
                {title(name)}
              </th>
            ))}
            <th>
              <span className="unseen">{t("form.removeRow")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name than their place
            <tr key={at}>
              {columns.map(([name, column]) => (
                <td key={name}>
                  <Cell
                    setting={column}
                    label={`${title(name)} ${at + 1}`}
                    value={row[name]}
                    onValue={(value) => setCell(at, name, value)}
                  />
                </td>
              ))}
              <td>
                <button
                  type="button"
                  className="quiet"
                  aria-label={t("form.remove", { what: `${at + 1}` })}
                  onClick={() => set(rows.filter((_, other) => other !== at))}
                >
                  <IconX size={14} />
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" onClick={() => set([...rows, {}])}>
        <IconPlus size={14} /> {t("form.addRow")}
      </button>
    </section>
  );
}

function withCell(row: Row, name: string, value: unknown): Row {
  const { [name]: _was, ...rest } = row;
  return value === undefined ? rest : { ...row, [name]: value };
}

interface CellProps {
  setting: Schema;
  label: string;
  value: unknown;
  onValue: (value: unknown) => void;
}

function Cell({ setting, label, value, onValue }: CellProps) {
  if (setting["x-signal"]) {
    return <SignalPick id="" value={toText(value)} onPick={(text) => onValue(text || undefined)} />;
  }
  if (setting.enum) {
    const choices = setting.enum;
    return (
      <select
        aria-label={label}
        value={toText(value)}
        onChange={(event) => onValue(choices.find((one) => toText(one) === event.target.value))}
      >
        <option value="">{toText(setting.default) || "–"}</option>
        {choices.map((choice) => (
          <option key={toText(choice)}>{toText(choice)}</option>
        ))}
      </select>
    );
  }
  if (setting.type === "boolean") {
    return (
      <input
        type="checkbox"
        aria-label={label}
        checked={value === undefined ? setting.default === true : value === true}
        onChange={(event) => onValue(event.target.checked)}
      />
    );
  }
  const isList = setting.type === "array";
  const shown = isList && Array.isArray(value) ? value.map(toText).join(", ") : toText(value);
  const parse = (text: string) =>
    isList
      ? text
          .split(",")
          .map((part) => fromText(part.trim(), setting.items ?? {}))
          .filter((part) => part !== undefined)
      : fromText(text, setting);
  return (
    <DraftInput
      aria-label={label}
      value={shown}
      placeholder={toText(setting.default)}
      onText={(text) => onValue(text === "" ? undefined : parse(text))}
    />
  );
}

/** Names with values. */
function NameValues(props: FieldProps) {
  const t = useT();
  const setting = settingOf(props);
  const of = typeof setting.additionalProperties === "object" ? setting.additionalProperties : {};
  const given = (props.formData ?? {}) as Record<string, unknown>;
  const set = (next: Record<string, unknown>) =>
    put(props, Object.keys(next).length > 0 ? next : undefined);
  return (
    <span className="map-field">
      {Object.entries(given).map(([name, value]) => (
        <span className="map-row" key={name}>
          <span className="map-name">{name}</span>
          <DraftInput
            aria-label={name}
            value={toText(value)}
            onText={(text) => set({ ...given, [name]: fromText(text, of) ?? "" })}
          />
          <button
            type="button"
            className="quiet"
            aria-label={t("form.remove", { what: name })}
            onClick={() => {
              const { [name]: _gone, ...rest } = given;
              set(rest);
            }}
          >
            <IconX size={14} />
          </button>
        </span>
      ))}
      <AddText id={props.fieldPathId.$id} onText={(name) => set({ ...given, [name]: "" })} />
    </span>
  );
}

export const fields: RegistryFieldsType = { list: List, table: Table, map: NameValues };
