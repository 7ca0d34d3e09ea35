/** A node's JSON Schema as a form: which field draws which setting. */

import type { RJSFSchema, UiSchema } from "@rjsf/utils";
import { title } from "../model/format";
import type { Schema } from "../model/nodeType";

/** A schema that RJSF walks through, and the fields and widgets it draws with. */
export interface Presented {
  schema: RJSFSchema;
  ui: UiSchema;
}

/** A node's settings as a form. Values are drawn by our own fields; RJSF holds them together. */
export function present(settings: Schema): Presented {
  const schema: RJSFSchema = { type: "object", properties: {}, required: settings.required ?? [] };
  const ui: UiSchema = {};
  for (const [name, setting] of Object.entries(settings.properties ?? {})) {
    const shown = presentSetting(name, setting);
    (schema.properties as Record<string, RJSFSchema>)[name] = shown.schema;
    ui[name] = shown.ui;
  }
  return { schema, ui };
}

function presentSetting(name: string, setting: Schema): Presented {
  const words: RJSFSchema = {
    title: setting.title ?? labelOf(name),
    ...(setting.description ? { description: setting.description } : {}),
  };
  const options = { setting, advanced: setting["x-advanced"] === true };
  if (setting.type === "object" && setting.properties && setting["x-type"] !== "secret") {
    const inner = present(setting);
    return {
      schema: { ...inner.schema, ...words },
      ui: { ...inner.ui, "ui:options": { ...options } },
    };
  }
  const field = fieldFor(setting);
  if (field) {
    return {
      schema: {
        type: field === "list" || field === "table" ? "array" : "object",
        ...words,
      } as RJSFSchema,
      ui: { "ui:field": field, "ui:options": options },
    };
  }
  return {
    schema: { type: "string", ...words },
    ui: { "ui:widget": widgetFor(setting), "ui:options": options },
  };
}

/** How some words of settings are written. */
const WRITTEN: Record<string, string> = {
  ca: "CA",
  fd: "FD",
  mb: "MB",
  qos: "QoS",
  soc: "SOC",
  tls: "TLS",
};

/** A setting's name as a label: `ca_file` reads `CA file`. */
function labelOf(name: string): string {
  const words = title(name)
    .split(" ")
    .map((word) => WRITTEN[word] ?? word)
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function fieldFor(setting: Schema): string | undefined {
  if (setting["x-type"] === "secret" || isSecret(setting)) return undefined;
  if (setting.type === "array") return setting.items?.type === "object" ? "table" : "list";
  if (setting.type === "object") return "map";
  return undefined;
}

/** What draws one value. */
export function widgetFor(setting: Schema): string {
  if (isSecret(setting)) return "secret";
  if (setting["x-resource"]) return "resource";
  if (setting["x-signal"]) return "signal";
  if (setting["x-file"]) return "file";
  if (setting.enum) return "choice";
  if (setting.type === "boolean") return "tick";
  if (setting.type === "number" || setting.type === "integer") return "number";
  if (Array.isArray(setting.type)) return "value";
  return setting["x-multiline"] ? "lines" : "words";
}

function isSecret(setting: Schema): boolean {
  return setting["x-type"] === "secret" || setting.properties?.secret !== undefined;
}

/** The value that a typed text stands for, where a setting takes more than text. */
export function fromText(text: string, setting: Schema): unknown {
  if (text === "") return undefined;
  const types = [setting.type ?? []].flat();
  if ((types.includes("number") || types.includes("integer")) && isNumber(text))
    return Number(text);
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

function isNumber(text: string): boolean {
  const isWritten = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text.trim());
  return isWritten && Number.isFinite(Number(text)); // JSON has no 1e999
}

/** A value as it stands in a field. */
export function toText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The settings without those that were left empty. */
export function withoutEmpty(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && !isEmptyObject(value)),
  );
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((inner) => inner === undefined)
  );
}
