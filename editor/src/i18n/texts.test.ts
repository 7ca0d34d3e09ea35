import { describe, expect, it } from "vitest";
import { type Key, texts } from "./texts";

const keys = Object.keys(texts.en) as Key[];
/** The fields of a text; {s} is the ending of a plural, which Chinese does not have. */
const fields = (text: string) =>
  (text.match(/\{\w+\}/g) ?? []).filter((field) => field !== "{s}").sort();

describe.each(Object.entries(texts))("texts in %s", (_language, words) => {
  it("are there for every key, and for no other", () => {
    expect(Object.keys(words).sort()).toEqual([...keys].sort());
  });

  it("are not empty, nor have space around them", () => {
    const bad = keys.filter((key) => words[key] === "" || words[key] !== words[key].trim());
    expect(bad).toEqual([]);
  });

  it("have the same fields as in English", () => {
    const bad = keys.filter((key) => fields(words[key]).join() !== fields(texts.en[key]).join());
    expect(bad).toEqual([]);
  });

  it("have no brace that is no field", () => {
    const bad = keys.filter((key) => /[{}]/.test(words[key].replace(/\{\w+\}/g, "")));
    expect(bad).toEqual([]);
  });
});
