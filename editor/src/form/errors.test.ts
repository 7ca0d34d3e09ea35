import { describe, expect, it } from "vitest";
import { rack } from "../model/testing";
import { errorsAt } from "./errors";

const at = (section: "nodes" | "resources", id: string, fields: string[], ...places: string[]) =>
  errorsAt(
    places.map((place, n) => ({ place, sentence: `sentence ${n}` })),
    rack().document,
    section,
    id,
    fields,
  );
const NONE = { byField: {}, general: [] };

describe("errorsAt", () => {
  it("puts a problem beside its field", () => {
    expect(at("nodes", "soc_low", ["signal"], "nodes.soc_low.signal")).toEqual({
      byField: { signal: { __errors: ["sentence 0"] } },
      general: [],
    });
  });

  it("says where in the field, counting from 1", () => {
    const places = ["nodes.poll.registers[3].signal", "nodes.poll.registers[0]"];
    expect(at("nodes", "poll", ["registers"], ...places).byField).toEqual({
      registers: { __errors: ["4 signal: sentence 0", "1: sentence 1"] },
    });
  });

  it("keeps several problems of one field in order", () => {
    const places = ["nodes.a.x", "nodes.a.y", "nodes.a.x"];
    expect(at("nodes", "a", ["x", "y"], ...places).byField).toEqual({
      x: { __errors: ["sentence 0", "sentence 2"] },
      y: { __errors: ["sentence 1"] },
    });
  });

  it("puts what a node cannot do without beside its field", () => {
    const sentence = 'logic/threshold needs "signal": Signal to watch.';
    const problems = [{ place: "nodes.soc_low", sentence }];
    const { document } = rack();
    expect(errorsAt(problems, document, "nodes", "soc_low", ["signal"])).toEqual({
      byField: { signal: { __errors: [sentence] } },
      general: [],
    });
    expect(errorsAt(problems, document, "nodes", "soc_low", ["below"]).general).toEqual([sentence]);
  });

  it("says in general what is of no field that is shown", () => {
    const places = ["nodes.a", "nodes.a.type", "nodes.a[0]", "nodes.a: wires[0]"];
    expect(at("nodes", "a", ["x"], ...places)).toEqual({
      byField: {},
      general: ["sentence 0", "sentence 1", "sentence 2", "sentence 3"],
    });
  });

  it("leaves out the problems of others", () => {
    const places = ["nodes.decode.x", "nodes.a_2.x", "resources.a.x", "wires[0]", "name", ""];
    expect(at("nodes", "a", ["x"], ...places)).toEqual(NONE);
  });

  it("tells a resource from a node of the same id", () => {
    expect(at("resources", "a", ["x"], "nodes.a.x")).toEqual(NONE);
    expect(at("resources", "a", ["x"], "resources.a.x").byField).toHaveProperty("x");
  });

  it("leaves out wires, which are drawn", () => {
    expect(at("nodes", "decode", [], "wires: decode.out to soc_low")).toEqual(NONE);
  });

  it("is empty without problems", () => {
    expect(at("nodes", "decode", ["database"])).toEqual(NONE);
  });
});
