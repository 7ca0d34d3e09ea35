import { describe, expect, it } from "vitest";
import { NotAFlow, parseFlow } from "./parse";
import { rack } from "./testing";

const flow = (more: object) => JSON.stringify({ flowrt: 1, name: "a", nodes: {}, ...more });

describe("parseFlow", () => {
  it("gives the flow that was written", () => {
    const { document } = rack();
    expect(parseFlow(JSON.stringify(document))).toEqual(document);
  });

  it("takes a flow without resources and wires", () => {
    expect(parseFlow(flow({}))).toEqual({ flowrt: 1, name: "a", nodes: {} });
  });

  it("leaves what is wrong inside to the check of the runtime", () => {
    const text = flow({ nodes: { "9 >": { type: "no/such" } }, wires: [{ from: "x", to: "" }] });
    expect(() => parseFlow(text)).not.toThrow();
  });

  it.each([
    ["", /^This is not JSON: .+\.$/],
    ["{", /^This is not JSON: .+\.$/],
    ["[]", /^A flow is a JSON object; this is not one\.$/],
    ["null", /^A flow is a JSON object; this is not one\.$/],
    ['"flow"', /^A flow is a JSON object; this is not one\.$/],
    ["{}", /^A flow begins with \{"flowrt": 1, "name": \.\.\.\}; this file does not\.$/],
    [flow({ flowrt: "1" }), /^A flow begins with/],
    [flow({ flowrt: 2 }), /^A flow begins with/],
    [flow({ name: undefined }), /^The flow has no "name"\.$/],
    [flow({ name: "" }), /^The flow has no "name"\.$/],
    [flow({ name: 5 }), /^The flow has no "name"\.$/],
    [flow({ nodes: undefined }), /^"nodes" must be an object of nodes by id\.$/],
    [flow({ nodes: [] }), /^"nodes" must be an object of nodes by id\.$/],
    [flow({ nodes: null }), /^"nodes" must be an object of nodes by id\.$/],
    [flow({ nodes: { decode: {} } }), /^nodes\.decode has no "type"\.$/],
    [flow({ nodes: { decode: { type: 1 } } }), /^nodes\.decode has no "type"\.$/],
    [flow({ nodes: { decode: null } }), /^nodes\.decode has no "type"\.$/],
    [flow({ resources: { bus: { channel: "can0" } } }), /^resources\.bus has no "type"\.$/],
    [flow({ resources: [] }), /^"resources" must be an object of resources by id\.$/],
    [flow({ resources: 5 }), /^"resources" must be an object of resources by id\.$/],
    [flow({ wires: {} }), /^"wires" must be a list of \{"from": \.\.\., "to": \.\.\.\}\.$/],
    [flow({ wires: null }), /^"wires" must be a list/],
    [flow({ wires: [{ from: "a" }] }), /^"wires" must be a list/],
    [flow({ wires: ["a>b"] }), /^"wires" must be a list/],
  ])("refuses %j", (text, message) => {
    expect(() => parseFlow(text)).toThrow(NotAFlow);
    expect(() => parseFlow(text)).toThrow(message);
  });
});
