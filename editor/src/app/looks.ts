/** Theme and language: chosen before, else what the browser asks for. */

import { firstLanguage } from "../i18n/t";
import { change, read, type Theme } from "./store";

const THEMES: Theme[] = ["system", "light", "dark"];

/** Take what was chosen before. */
export function firstLooks(): void {
  const kept = localStorage.getItem("flowrt.theme") as Theme | null;
  const theme = kept && THEMES.includes(kept) ? kept : "system";
  change({ theme, language: firstLanguage() });
  paint();
}

/** Go on to the next theme: as the system, light, dark. */
export function nextTheme(): void {
  const theme = THEMES[(THEMES.indexOf(read().theme) + 1) % THEMES.length] ?? "system";
  localStorage.setItem("flowrt.theme", theme);
  change({ theme });
  paint();
}

/** Go on to the other language. */
export function nextLanguage(): void {
  const language = read().language === "en" ? "zh" : "en";
  localStorage.setItem("flowrt.language", language);
  change({ language });
  paint();
}

function paint(): void {
  const { theme, language } = read();
  const root = document.documentElement;
  root.lang = language === "zh" ? "zh-CN" : "en";
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}
