/** The selection becomes a subflow: a file of the gateway that this flow and others can use. */

import * as gateway from "../api/gateway";
import { extract, layOutInner } from "../model/extract";
import { mayOrTell } from "./access";
import { edit } from "./editing";
import { loadRows, loadTypes } from "./loading";
import { activeDraft, change, read } from "./store";

/** Ask for the name of a subflow of what is selected. */
export function askSubflow(): void {
  if (read().selection.nodes.length === 0 || !mayOrTell("integrator")) return;
  change({ dialog: { kind: "subflow" } });
}

/** Keep the subflow on the gateway, and put one node for it into the drawing; throws Refused. */
export async function makeSubflow(name: string): Promise<void> {
  const draft = activeDraft();
  if (!draft) return;
  const { selection, types } = read();
  const made = extract(draft, types, selection.nodes, name);
  await gateway.putFlow(made.inner, null);
  await gateway.putLayout(name, layOutInner(made, types));
  await loadRows();
  await loadTypes();
  edit(() => made.outer);
  change({ dialog: null, selection: { nodes: [made.id], wires: [] } });
}
