import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { diff } from "../model/diff";
import { rack } from "../model/testing";
import { forget, type Kept, keep, kept, keptNames, whenKeptElsewhere } from "./drafts";

/** As a browser's: what is kept are its own keys. */
class MemoryStorage {
  [key: string]: unknown;
  getItem(key: string): string | null {
    return Object.hasOwn(this, key) ? String(this[key]) : null;
  }
  setItem(key: string, text: string): void {
    this[key] = String(text);
  }
  removeItem(key: string): void {
    delete this[key];
  }
}

let storage: MemoryStorage;
beforeEach(() => {
  storage = new MemoryStorage();
  vi.stubGlobal("localStorage", storage);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const given = (): Kept => ({ draft: rack(), base: rack(), etag: '"1"' });
/** The draft as an older page or another program may have left it. */
const keepText = (value: unknown) => storage.setItem("flowrt.draft.rack", JSON.stringify(value));

describe("drafts", () => {
  it("come back as they were kept", () => {
    expect(keep("rack", given())).toBe(true);
    expect(kept("rack")).toEqual(given());
  });

  it("come back without a base and a version", () => {
    keep("rack", { draft: rack(), base: null, etag: null });
    expect(kept("rack")).toEqual({ draft: rack(), base: null, etag: null });
  });

  it("are kept apart by name", () => {
    keep("rack", given());
    expect(kept("rac")).toBeNull();
    expect(kept("rack2")).toBeNull();
  });

  it("are replaced by newer ones", () => {
    keep("rack", given());
    keep("rack", { ...given(), etag: '"2"' });
    expect(kept("rack")?.etag).toBe('"2"');
    expect(keptNames()).toEqual(["rack"]);
  });

  it("are forgotten", () => {
    keep("rack", given());
    forget("rack");
    expect(kept("rack")).toBeNull();
    expect(keptNames()).toEqual([]);
  });

  it("may be forgotten twice", () => {
    expect(() => forget("rack")).not.toThrow();
  });

  it("are listed without what else is stored", () => {
    storage.setItem("flowrt.language", "en");
    storage.setItem("other", "1");
    keep("b", given());
    keep("a", given());
    expect(keptNames().sort()).toEqual(["a", "b"]);
  });

  it("say when there is no room", () => {
    storage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    expect(keep("rack", given())).toBe(false);
    expect(kept("rack")).toBeNull();
  });
});

describe("drafts of older versions", () => {
  it.each([
    ["no JSON", "{"],
    ["nothing", "null"],
    ["a number", "5"],
    ["no draft", "{}"],
    ["no document", '{"draft": {}}'],
    ["no nodes", '{"draft": {"document": {}}}'],
    ["nodes that are null", '{"draft": {"document": {"nodes": null}}}'],
  ])("are left alone: %s", (_what, text) => {
    storage.setItem("flowrt.draft.rack", text);
    expect(kept("rack")).toBeNull();
  });

  it("get a whole layout", () => {
    keepText({ draft: { document: rack().document }, base: null, etag: null });
    expect(kept("rack")?.draft.layout).toEqual({ nodes: {}, notes: [], groups: [], pins: [] });
  });

  it("can be compared with their base", () => {
    keepText({ ...given(), base: { document: rack().document, layout: { nodes: {} } } });
    const { draft, base } = kept("rack") as Kept;
    expect(base && diff(base, draft).logic).toEqual([]);
  });
});

describe("whenKeptElsewhere", () => {
  function tell(event: { key: string | null; newValue: string | null }): string[] {
    const window = new EventTarget();
    vi.stubGlobal("window", window);
    const names: string[] = [];
    whenKeptElsewhere((name) => names.push(name));
    window.dispatchEvent(Object.assign(new Event("storage"), event));
    return names;
  }

  it("tells the name of a draft that another tab keeps", () => {
    expect(tell({ key: "flowrt.draft.rack", newValue: "{}" })).toEqual(["rack"]);
  });

  it("does not tell of a draft that was forgotten, nor of other things", () => {
    expect(tell({ key: "flowrt.draft.rack", newValue: null })).toEqual([]);
    expect(tell({ key: "flowrt.language", newValue: "zh" })).toEqual([]);
    expect(tell({ key: null, newValue: null })).toEqual([]);
  });
});
