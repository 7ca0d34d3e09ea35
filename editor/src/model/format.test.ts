import { describe, expect, it } from "vitest";
import {
  exactTime,
  formatBytes,
  formatDate,
  formatId,
  formatMessage,
  formatSpan,
  formatTime,
  formatValue,
  title,
} from "./format";

describe("formatValue", () => {
  it.each([
    [null, "–"],
    [undefined, "–"],
    [0, "0"],
    [-5, "-5"],
    [1234567, "1234567"],
    [3.3000000000000003, "3.3"],
    [1 / 3, "0.333333"],
    [52.1, "52.1"],
    [1234.56789, "1234.57"],
    [1e-7, "1e-7"],
    ["Idle", "Idle"],
    ["", ""],
    [true, "true"],
    [[1, 2], "[1,2]"],
    [{ a: 1 }, '{"a":1}'],
  ])("writes %j as %j", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

describe("times", () => {
  const seconds = 1_700_000_000.5;

  it("give the exact stamp in UTC", () => {
    expect(exactTime(seconds)).toBe("2023-11-14T22:13:20.500Z");
  });

  // Order and hour depend on where the reader is; minutes and seconds of the zone do not.
  const minutes = String(new Date(seconds * 1000).getMinutes()).padStart(2, "0");

  it("give the local time of day", () => {
    expect(formatTime(seconds)).toContain(`${minutes}:20`);
    expect(formatTime(seconds)).not.toMatch(/[AP]M\b/);
  });

  it("name the zone", () => {
    const zone = new Date(seconds * 1000)
      .toLocaleTimeString(undefined, { timeZoneName: "short" })
      .split(" ")
      .at(-1) as string;
    expect(formatTime(seconds)).toContain(zone);
    expect(formatDate(seconds)).toContain(zone);
  });

  it("give the day with the time", () => {
    const day = new Date(seconds * 1000).getDate();
    expect(formatDate(seconds)).toMatch(new RegExp(`\\b${day}\\b.*${minutes}:20`));
  });
});

describe("formatId", () => {
  it.each([
    [0, "0x0"],
    [0x355, "0x355"],
    [0x18ff50e5, "0x18FF50E5"],
  ])("writes %d as %s", (id, text) => {
    expect(formatId(id)).toBe(text);
  });
});

describe("formatMessage", () => {
  it("writes a frame with channel, id and data", () => {
    expect(
      formatMessage({ kind: "frame", time: 0, channel: "can0", id: 0x355, data: "5a006400" }),
    ).toBe("can0 0x355 5a006400");
    expect(formatMessage({ kind: "frame", time: 0, channel: "", id: 1 })).toBe("frame 0x1 ");
  });

  it("writes readings with their source", () => {
    expect(
      formatMessage({ kind: "signals", time: 0, source: "State", values: { SOC: 90, SOH: null } }),
    ).toBe("State: SOC 90 · SOH –");
  });

  it("writes what an event says, and leaves out what it does not", () => {
    expect(
      formatMessage({
        kind: "event",
        time: 0,
        source: "State",
        name: "",
        state: "raised",
        severity: "warning",
        text: "SOC is 19, below 20",
      }),
    ).toBe("State · raised · warning · SOC is 19, below 20");
  });

  it("copes with messages that say nothing", () => {
    expect(formatMessage({ kind: "signals", time: 0 })).toBe(": ");
    expect(formatMessage({ kind: "event", time: 0 })).toBe("");
  });
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [1234, "1.23 kB"],
    [56_789, "56.8 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [999_999, "1.00 MB"],
    [1.5e9, "1.50 GB"],
    [2e12, "2.00 TB"],
    [5e15, "5000 TB"],
  ])("writes %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("writes every size without an exponent, and right to half a percent", () => {
    const units = ["B", "kB", "MB", "GB", "TB"];
    for (let bytes = 1; bytes < 1e17; bytes = Math.ceil(bytes * 1.013)) {
      const text = formatBytes(bytes);
      expect(text).toMatch(/^[\d.]+ [kMGT]?B$/);
      const [number, unit = ""] = text.split(" ");
      const read = Number(number) * 1000 ** units.indexOf(unit);
      expect(Math.abs(read - bytes) / bytes, text).toBeLessThanOrEqual(0.00501);
    }
  });
});

describe("formatSpan", () => {
  it.each([
    [0, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [3599, "59 min"],
    [3600, "1 h 00 min"],
    [7500, "2 h 05 min"],
    [172_799, "47 h 59 min"],
    [172_800, "2 d 0 h"],
    [180_000, "2 d 2 h"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text);
  });
});

it("reads an id as a title", () => {
  expect(title("soc_low_2")).toBe("soc low 2");
  expect(title("log-reader")).toBe("log-reader");
});
