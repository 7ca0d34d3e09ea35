import { describe, expect, it } from "vitest";
import type { Schema } from "../model/nodeType";
import { frozen } from "../model/testing";
import { fromText, present, toText, widgetFor, withoutEmpty } from "./present";

const SECRET: Schema = {
  type: "object",
  properties: { secret: { type: "string", minLength: 1 } },
  required: ["secret"],
  additionalProperties: false,
  "x-type": "secret",
};
const of = (setting: Schema) => {
  const { schema, ui } = present({ type: "object", properties: { a_b: setting } });
  return { schema: schema.properties?.a_b as Record<string, unknown>, ui: ui.a_b };
};

describe("present", () => {
  it("shows every setting, in order, and what is required", () => {
    const { schema, ui } = present({
      type: "object",
      properties: { bus: { type: "string" }, ids: { type: "array" } },
      required: ["bus"],
    });
    expect(Object.keys(schema.properties ?? {})).toEqual(["bus", "ids"]);
    expect(Object.keys(ui)).toEqual(["bus", "ids"]);
    expect(schema.required).toEqual(["bus"]);
  });

  it("shows nothing for a type without settings", () => {
    expect(present({})).toEqual({
      schema: { type: "object", properties: {}, required: [] },
      ui: {},
    });
  });

  it("titles a setting by its own title, else by its name", () => {
    expect(of({ type: "string" }).schema.title).toBe("A b");
    expect(of({ type: "string", title: "Limit" }).schema.title).toBe("Limit");
  });

  it("hands the setting to what draws it", () => {
    const setting: Schema = { type: "number", "x-unit": "V", "x-advanced": true };
    expect(of(setting).ui).toEqual({
      "ui:widget": "number",
      "ui:options": { setting, advanced: true },
    });
  });

  // RJSF would convert and check values; the runtime does that.
  it("lets every value pass as text", () => {
    expect(of({ type: "number", minimum: 3, description: "Limit." }).schema).toEqual({
      type: "string",
      title: "A b",
      description: "Limit.",
    });
  });

  it.each<[string, Schema, string]>([
    ["list", { type: "array", items: { type: "string" } }, "array"],
    ["list", { type: "array" }, "array"],
    ["table", { type: "array", items: { type: "object", properties: {} } }, "array"],
    ["map", { type: "object", additionalProperties: { type: "number" } }, "object"],
  ])("draws a %s by a field of ours", (field, setting, type) => {
    expect(of(setting).ui?.["ui:field"]).toBe(field);
    expect(of(setting).schema.type).toBe(type);
  });

  it("draws the settings inside a setting", () => {
    const { schema, ui } = of({
      type: "object",
      title: "Range",
      properties: { low: { type: "number" } },
      required: ["low"],
      "x-advanced": true,
    });
    expect(schema).toMatchObject({ type: "object", title: "Range", required: ["low"] });
    expect(ui).toMatchObject({
      low: { "ui:widget": "number" },
      "ui:options": { advanced: true },
    });
  });

  it("draws a secret as one value, not as what it is made of", () => {
    expect(of(SECRET).ui?.["ui:widget"]).toBe("secret");
    expect(of(SECRET).schema.type).toBe("string");
  });
});

describe("widgetFor", () => {
  it.each<[string, Schema]>([
    ["secret", SECRET],
    ["resource", { type: "string", "x-resource": "can/bus" }],
    ["signal", { type: "string", "x-signal": true }],
    ["file", { type: "string", "x-type": "file", "x-file": ".dbc .kcd" }],
    ["choice", { enum: [0, 1, 2] }],
    ["choice", { type: "string", enum: ["info", "trip"] }],
    ["tick", { type: "boolean" }],
    ["number", { type: "number" }],
    ["number", { type: "integer", minimum: 1 }],
    ["value", { type: ["string", "number"], "x-type": "duration" }],
    ["value", { type: ["integer", "string"], "x-type": "hex" }],
    ["lines", { type: "string", "x-multiline": true }],
    ["words", { type: "string" }],
    ["words", {}],
  ])("is %s", (widget, setting) => {
    expect(widgetFor(setting)).toBe(widget);
  });
});

describe("fromText", () => {
  const NUMBER: Schema = { type: "number" };
  const MIXED: Schema = { type: ["number", "boolean", "string"] };

  it.each<[string, Schema, unknown]>([
    ["", NUMBER, undefined],
    ["", { type: "string" }, undefined],
    ["5", { type: "string" }, "5"],
    ["true", { type: "string" }, "true"],
    ["5", NUMBER, 5],
    [" 5 ", NUMBER, 5],
    ["-0.5", NUMBER, -0.5],
    [".5", NUMBER, 0.5],
    ["5.", NUMBER, 5],
    ["+1e3", NUMBER, 1000],
    ["1.5", { type: "integer" }, 1.5],
    ["five", NUMBER, "five"],
    ["1,5", NUMBER, "1,5"],
    ["-", NUMBER, "-"],
    [" ", NUMBER, " "],
    ["Infinity", NUMBER, "Infinity"],
    ["1e999", NUMBER, "1e999"],
    [`${"$"}{LIMIT}`, NUMBER, `${"$"}{LIMIT}`],
    ["0x355", { type: ["integer", "string"] }, "0x355"],
    ["500 ms", { type: ["string", "number"] }, "500 ms"],
    ["true", MIXED, true],
    ["false", MIXED, false],
    ["True", MIXED, "True"],
    ["Idle", MIXED, "Idle"],
    ["true", NUMBER, "true"],
    ["5", {}, "5"],
  ])("reads %j for %j as %j", (text, setting, value) => {
    expect(fromText(text, setting)).toEqual(value);
  });

  it("reads back what toText wrote", () => {
    for (const value of [0, -1, 1.5, 1e21, 1e-7, true, false, "Idle", "500 ms", undefined]) {
      expect(fromText(toText(value), MIXED)).toBe(value);
    }
  });

  it("gives only what JSON keeps", () => {
    for (const text of ["1e308", "1e309", "-1e400", "1e-400", "9".repeat(400)]) {
      const value = fromText(text, NUMBER);
      expect(JSON.parse(JSON.stringify([value]))).toEqual([value]);
    }
  });
});

it("writes values as they stand in a field", () => {
  expect([undefined, null, "", "a", 0, false, [1], { a: 1 }].map(toText)).toEqual([
    "",
    "",
    "",
    "a",
    "0",
    "false",
    "[1]",
    '{"a":1}',
  ]);
});

describe("withoutEmpty", () => {
  it("leaves out what was left empty", () => {
    const given = frozen({ a: undefined, b: {}, c: { secret: undefined } });
    expect(withoutEmpty(given)).toEqual({});
    expect(Object.keys(withoutEmpty(given))).toEqual([]);
  });

  it("keeps what is a value", () => {
    const given = {
      zero: 0,
      no: false,
      text: "",
      list: [],
      nothing: null,
      one: { a: 1, b: undefined },
    };
    expect(withoutEmpty(given)).toEqual(given);
  });
});
