/** The newest value of a signal that reaches a node. */

import type { SignalInfo } from "../api/types";
import { splitEnd, wiresOf } from "../model/flow";
import { outputKey } from "../model/rates";
import { activeDraft, type State, useStore } from "./store";
import { firstOutput } from "./watching";

/** undefined where nothing came yet, or nothing is known of the signal. */
export function useLiveValue(node: string, signal: SignalInfo | undefined): unknown {
  return useStore((state) => signal && liveValue(state, node, signal));
}

/** The newest value of a signal at a node, from the wires into it. */
export function liveValue(state: State, node: string, { name, source }: SignalInfo): unknown {
  for (const key of outputsInto(state, node)) {
    const message = state.values[key]?.messages.find(
      (one) => one.source === source && one.values !== undefined && name in one.values,
    );
    if (message) return message.values?.[name];
  }
  return undefined;
}

/** The outputs that are wired to a node, by key. */
export function outputsInto(state: State, node: string): string[] {
  return sourcesOf(state, node).map((from) => outputKey(state.active, from.node, from.port));
}

/** The outputs that are wired to a node. */
export function sourcesOf(state: State, node: string): { node: string; port: string }[] {
  const document = activeDraft(state)?.document;
  if (!document) return [];
  return wiresOf(document)
    .filter((wire) => splitEnd(wire.to).node === node)
    .map((wire) => {
      const from = splitEnd(wire.from);
      const type = document.nodes[from.node]?.type ?? "";
      return { node: from.node, port: from.port || firstOutput(state, type) };
    });
}
