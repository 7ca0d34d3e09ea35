/** Bringing new nodes into the drawing. */

import { CARD, snap } from "../model/arrange";
import { addNode, canSplice, connect, splice } from "../model/edit";
import { type Draft, type Item, type Point, splitEnd, wiresOf } from "../model/flow";
import type { NodeType } from "../model/nodeType";
import { type Ends, portOf, refusal } from "../model/wiring";
import { canvas } from "./canvasHandle";
import { edit } from "./editing";
import { change, read } from "./store";

/** Milliseconds after which a new card has been drawn and measured. */
const MEASURED_AFTER = 80;

/** What else happens when a node is placed. */
export interface Placing {
  /** Wire this output to the new node. */
  from?: { node: string; port: string } | undefined;
  /** Put the new node into this wire. */
  into?: string | undefined;
  /** Settings to begin with, such as an example's. */
  settings?: Record<string, unknown> | undefined;
}

/** Place a new node of a type and select it; gives its id. */
export function place(type: NodeType, at: Point, how: Placing = {}): string {
  const { types } = read();
  let made = "";
  edit((draft) => {
    const item = { type: type.type, ...firstSettings(type, draft), ...how.settings } as Item;
    const added = addNode(draft, item, snap(at));
    made = added.id;
    let next = added.draft;
    if (how.from) next = wireFrom(next, how.from, made);
    if (how.into && canSplice(next, types, how.into, type.type)) {
      next = splice(next, types, how.into, made);
    }
    return next;
  });
  if (made) {
    change({ selection: { nodes: [made], wires: [] }, panel: "settings" });
    window.setTimeout(() => canvas.keepInView(made), MEASURED_AFTER);
  }
  return made;
}

/** Place a node beside the selected one and wire it to that, where the kinds allow. */
export function placeBehind(type: NodeType, middle: Point): string {
  const { selection, types, tabs, active } = read();
  const draft = tabs[active]?.history.present;
  const id = selection.nodes.length === 1 ? selection.nodes[0] : undefined;
  const spot = id === undefined ? undefined : draft?.layout.nodes[id];
  const port = types[draft?.document.nodes[id ?? ""]?.type ?? ""]?.outputs[0];
  if (!draft || id === undefined || !spot || !port || !type.inputs[0]) {
    return place(type, freeSpot(draft, middle));
  }
  const at = freeSpot(draft, { x: spot.x + CARD.width + 80, y: spot.y });
  return place(type, at, { from: { node: id, port: port.name } });
}

/** Place a debug node behind the selected node. */
export function addDebugNode(): void {
  const type = read().types["core/debug"];
  if (type) placeBehind(type, canvas.middle());
}

/** Put a node that makes an impossible wire possible between its two ends. */
export function placeBetween(type: NodeType, ends: Ends): void {
  const { types, tabs, active } = read();
  const layout = tabs[active]?.history.present.layout.nodes ?? {};
  const [a, b] = [layout[ends.source], layout[ends.target]];
  const at = { x: ((a?.x ?? 0) + (b?.x ?? 0)) / 2, y: ((a?.y ?? 0) + (b?.y ?? 0)) / 2 };
  const id = place(type, at, { from: { node: ends.source, port: ends.output } });
  const onward = { source: id, output: "", target: ends.target, input: ends.input };
  edit((draft) => connect(draft, types, onward));
}

/** The wire that could take a node which nothing is wired to yet. */
export function spliceable(draft: Draft, id: string, wire: string): boolean {
  const isLoose = wiresOf(draft.document).every(
    (one) => splitEnd(one.from).node !== id && splitEnd(one.to).node !== id,
  );
  const type = draft.document.nodes[id]?.type ?? "";
  return isLoose && canSplice(draft, read().types, wire, type);
}

/** A place near the wanted one where no node stands. */
export function freeSpot(draft: Draft | undefined, wanted: Point): Point {
  const taken = Object.values(draft?.layout.nodes ?? {});
  const spot = { ...wanted };
  const hits = () =>
    taken.some(
      (one) => Math.abs(one.x - spot.x) < CARD.width && Math.abs(one.y - spot.y) < CARD.height,
    );
  for (let tries = 0; hits() && tries < 100; tries++) spot.y += CARD.height + 24;
  return spot;
}

/** Settings that need no question: a resource of the right type, if there is only one. */
function firstSettings(type: NodeType, draft: Draft): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(type.settings.properties ?? {})) {
    const wanted = schema["x-resource"];
    if (!wanted) continue;
    const fitting = Object.entries(draft.document.resources ?? {}).filter(
      ([, item]) => item.type === wanted,
    );
    if (fitting.length === 1) settings[name] = fitting[0]?.[0];
  }
  return settings;
}

function wireFrom(draft: Draft, from: { node: string; port: string }, id: string): Draft {
  const { types } = read();
  const output = portOf(
    types[draft.document.nodes[from.node]?.type ?? ""]?.outputs ?? [],
    from.port,
  );
  const input = types[draft.document.nodes[id]?.type ?? ""]?.inputs[0];
  if (!output || !input) return draft;
  const ends = { source: from.node, output: output.name, target: id, input: input.name };
  return refusal(draft.document, types, ends) ? draft : connect(draft, types, ends);
}

/** The wire that is drawn at a point of the page. */
export function wireUnder(x: number, y: number): string | undefined {
  for (const element of document.elementsFromPoint(x, y)) {
    const id = element.closest(".react-flow__edge")?.getAttribute("data-id");
    if (id) return id;
  }
  return undefined;
}
