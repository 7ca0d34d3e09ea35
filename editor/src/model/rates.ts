/** Rates from two states of the gateway. */

import type { GatewayState, NodeState } from "../api/types";

/** Messages per second, by flow, node and output. */
export interface Rates {
  nodes: Record<string, number>;
  outputs: Record<string, number>;
}

export const nodeKey = (flow: string, node: string) => `${flow}/${node}`;
export const outputKey = (flow: string, node: string, port: string) => `${flow}/${node}.${port}`;

/** What moved per second between two states; a counter that began anew counts from zero. */
export function ratesBetween(before: GatewayState, after: GatewayState, seconds: number): Rates {
  const rates: Rates = { nodes: {}, outputs: {} };
  if (seconds <= 0) return rates;
  for (const [flow, state] of Object.entries(after.flows)) {
    const were = before.flows[flow]?.nodes ?? {};
    for (const [id, node] of Object.entries(state.nodes ?? {})) {
      const was = were[id];
      rates.nodes[nodeKey(flow, id)] = moved(busiest(was), busiest(node)) / seconds;
      for (const [port, output] of Object.entries(node.outputs)) {
        rates.outputs[outputKey(flow, id, port)] =
          moved(was?.outputs[port]?.sent ?? 0, output.sent) / seconds;
      }
    }
  }
  return rates;
}

/** A rate as it stands on a card: `712 /s`, `0.2 /s`, `3.4 k/s`; empty where nothing moves. */
export function formatRate(perSecond: number): string {
  if (!(perSecond > 0)) return "";
  if (perSecond >= 10_000) return `${(perSecond / 1000).toFixed(0)} k/s`;
  if (perSecond >= 1000) return `${(perSecond / 1000).toFixed(1)} k/s`;
  if (perSecond >= 10) return `${perSecond.toFixed(0)} /s`;
  return `${perSecond.toFixed(1)} /s`;
}

function busiest(node: NodeState | undefined): number {
  return node ? Math.max(node.received, node.sent) : 0;
}

function moved(before: number, after: number): number {
  return after >= before ? after - before : after;
}
