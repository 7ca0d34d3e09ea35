/** The languages of the page. */

import { en } from "./en";
import { zh } from "./zh";

export type Key = keyof typeof en;
export type Language = "en" | "zh";

export const texts: Record<Language, Record<Key, string>> = { en, zh };
