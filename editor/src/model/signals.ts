/** Signals as settings name them: `SOC`, `State.SOC`, `*.SOC`. */

import type { SignalInfo } from "../api/types";

/** How a signal is written: alone where one source has it, else with its source. */
export function written(signal: SignalInfo, all: readonly SignalInfo[]): string {
  const sources = all.filter(({ name }) => name === signal.name);
  return sources.length > 1 ? `${signal.source}.${signal.name}` : signal.name;
}

/** The signal that a setting names; undefined where there is none, or more than one. */
export function resolve(text: string, all: readonly SignalInfo[]): SignalInfo | undefined {
  const dot = text.lastIndexOf(".");
  const name = dot < 0 ? text : text.slice(dot + 1);
  const source = dot < 0 ? "*" : text.slice(0, dot);
  const found = all.filter(
    (signal) => signal.name === name && (source === "*" || signal.source === source),
  );
  return source === "*" && text.startsWith("*")
    ? found[0]
    : found.length === 1
      ? found[0]
      : undefined;
}

/** The signals that fit what was typed: in name, message or unit; names that begin with it first. */
export function searchSignals(text: string, all: readonly SignalInfo[]): SignalInfo[] {
  const wanted = text.trim().toLowerCase();
  const fits = all.filter(({ name, source, unit, comment }) =>
    `${source}.${name} ${unit} ${comment}`.toLowerCase().includes(wanted),
  );
  const begins = (signal: SignalInfo) => (signal.name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return wanted === "" ? fits : fits.sort((a, b) => begins(a) - begins(b));
}

/** Unit and range, or the choices: `% 0 … 100`. */
export function rangeWords(signal: SignalInfo): string {
  const choices = Object.values(signal.choices);
  if (choices.length > 0) return choices.slice(0, 4).join(", ") + (choices.length > 4 ? ", …" : "");
  const { minimum, maximum } = signal;
  const range =
    minimum === null && maximum === null ? "" : `${minimum ?? "−∞"} … ${maximum ?? "∞"}`;
  return [signal.unit, range].filter(Boolean).join(" ");
}
