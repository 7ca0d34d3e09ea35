/** The page's words in the chosen language. */

import { useStore } from "../app/store";
import { type Key, type Language, texts } from "./texts";

/** A text, with its {fields} filled in; {s} is a plural's ending, by `count`. */
export function t(key: Key, fields: Record<string, string | number> = {}): string {
  return fill(texts[useStore.getState().language][key], fields);
}

/** `t` for a component: drawn again when the language changes. */
export function useT(): typeof t {
  useStore((state) => state.language);
  return t;
}

/** The language to begin with: the one chosen before, else the browser's. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem("flowrt.language");
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function fill(text: string, fields: Record<string, string | number>): string {
  const plural = fields.count === 1 ? "" : "s";
  return text.replace(/\{(\w+)\}/g, (_, name: string) =>
    String({ s: plural, ...fields }[name] ?? ""),
  );
}
