import { describe, expect, it } from "vitest";
import { amend, begin, type History, record, redo, undo } from "./history";
import { frozen } from "./testing";

function times<T>(count: number, step: (value: T) => T, value: T): T {
  let next = value;
  for (let n = 0; n < count; n++) next = step(next);
  return next;
}

const MANY = 2000;

describe("history", () => {
  it("has nothing to undo or redo at first", () => {
    const history = begin("a");
    expect(undo(history)).toBe(history);
    expect(redo(history)).toBe(history);
  });

  it("undoes and redoes without limit", () => {
    const end = Array.from({ length: MANY }, (_, n) => n + 1).reduce(record<number>, begin(0));
    const start = times(MANY, undo<number>, end);
    expect(start.present).toBe(0);
    expect(times(MANY, redo<number>, start)).toEqual(end);
  });

  it("gives back the very object", () => {
    const [first, second] = [{}, {}];
    const back = undo(record(begin(first), second));
    expect(back.present).toBe(first);
    expect(redo(back).present).toBe(second);
  });

  it("does not record the same value", () => {
    const history = undo(record(begin("a"), "b"));
    expect(record(history, "a")).toBe(history);
  });

  it("forgets what was undone when something new is done", () => {
    const history = record(undo(record(begin("a"), "b")), "c");
    expect(redo(history)).toBe(history);
    expect(undo(history).present).toBe("a");
  });

  it("undoes values that are false, empty or zero", () => {
    const end = record(record(begin<unknown>(0), ""), false);
    expect(times(2, undo<unknown>, end).present).toBe(0);
  });

  it("never changes the history it was given", () => {
    const history = frozen(undo(record(record(begin("a"), "b"), "c")) as History<string>);
    for (const step of [undo<string>, redo<string>]) expect(() => step(history)).not.toThrow();
    expect(() => record(amend(history, "x"), "y")).not.toThrow();
  });
});

describe("amend", () => {
  it("joins a change to the step before", () => {
    const typed = amend(amend(record(begin(""), "a"), "ab"), "abc");
    expect(typed.present).toBe("abc");
    expect(undo(typed).present).toBe("");
  });

  it("forgets what was undone", () => {
    const back = undo(record(record(begin("a"), "b"), "c"));
    const amended = amend(back, "d");
    expect(redo(amended)).toBe(amended);
  });

  // A step of its own: else what undo led to would be lost for good.
  it("keeps what undo led to", () => {
    const back = undo(record(record(begin("a"), "b"), "c"));
    expect(undo(amend(back, "d")).present).toBe("b");
  });

  it("keeps what everything began with", () => {
    expect(undo(amend(begin("a"), "b")).present).toBe("a");
  });

  it("may follow a redo", () => {
    const again = redo(undo(record(begin("a"), "b")));
    expect(undo(amend(again, "c")).present).toBe("a");
  });
});
