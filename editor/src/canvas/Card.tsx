/** A node on the canvas: what it is, the setting that matters, how it is doing. */

import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useShallow } from "zustand/shallow";
import * as gateway from "../api/gateway";
import { useRefusal } from "../app/access";
import { activeDraft, activeTab, notify, type State, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { title } from "../model/format";
import type { NodeType, Port } from "../model/nodeType";
import { formatRate, nodeKey } from "../model/rates";
import { same } from "../model/same";
import { TypeIcon } from "./icons";
import { useProblemsAt } from "./problems";

export const Card = memo(function Card({ id, selected }: NodeProps) {
  const t = useT();
  const problems = useProblemsAt(id);
  const view = useStore(useShallow((state: State) => viewOf(state, id)));
  const type = useStore((state) => state.types[view.type]);
  const role = type?.role ?? "unknown";
  const mark = problems.length > 0 ? "problem" : view.changed ? "changed" : "";
  const label = [title(id), view.type, view.summary, view.words, ...problems].join(". ");
  return (
    // biome-ignore lint/a11y/useSemanticElements: a card is no form's fieldset
    <div
      className={`card role-${role} ${mark} ${selected ? "selected" : ""} ${view.off ? "off" : ""}`}
      title={[type?.help.split("\n")[0], view.status, ...problems].filter(Boolean).join("\n")}
      role="group"
      aria-label={label}
    >
      <Ports ports={type?.inputs ?? []} side="target" />
      <span className="card-spine" />
      <div className="card-head">
        <TypeIcon name={type?.icon ?? ""} />
        <strong>{title(id)}</strong>
        <span className="card-rate">{formatRate(view.rate)}</span>
        <span className={`dot ${view.dot}`} title={view.words} />
      </div>
      <div className="card-line">{view.off ? t("card.off") : view.summary || view.type}</div>
      {view.trouble && <div className="card-trouble">{view.trouble}</div>}
      {mark && <span className={`mark ${mark}`} title={t(`card.${mark}`)} />}
      {type?.button && (
        <PressButton id={id} running={view.running} behind={type.inputs.length > 0} />
      )}
      <Ports ports={type?.outputs ?? []} side="source" />
    </div>
  );
});

/** What a card shows of the state, plain values only, so that it is drawn when one changes. */
function viewOf(state: State, id: string) {
  const tab = activeTab(state);
  const item = activeDraft(state)?.document.nodes[id];
  const flow = state.gateway.flows[state.active];
  const node = flow?.nodes?.[id];
  const drops = Object.values(node?.drops ?? {}).reduce((sum, count) => sum + count, 0);
  const running = flow?.state === "running" && node !== undefined;
  const dot = !running ? "idle" : !node.ok ? "bad" : node.errors > 0 ? "warn" : "good";
  return {
    type: item?.type ?? "",
    off: item?.enabled === false,
    changed: tab?.base === null || !same(item, tab?.base?.document.nodes[id]),
    summary: tab?.summaries[id] ?? "",
    rate: state.rates.nodes[nodeKey(state.active, id)] ?? 0,
    status: node?.status ?? "",
    trouble: troubleOf(node?.errors ?? 0, drops, node?.ok === false ? node.status : ""),
    words: dot,
    running,
    dot,
  };
}

function troubleOf(errors: number, drops: number, status: string): string {
  return [status, errors > 0 ? `${errors} errors` : "", drops > 0 ? `${drops} dropped` : ""]
    .filter(Boolean)
    .join(" · ");
}

function Ports({ ports, side }: { ports: Port[]; side: "source" | "target" }) {
  return ports.map((port, index) => (
    <Handle
      key={port.name}
      id={port.name}
      type={side}
      position={side === "source" ? Position.Right : Position.Left}
      className={`port kind-${port.kinds.length === 1 ? port.kinds[0] : "any"} ${ports.length === 1 ? "alone" : ""}`}
      style={{ top: `${((index + 1) * 100) / (ports.length + 1)}%` }}
      title={portTitle(port)}
      role="img"
      aria-label={portTitle(port)}
    />
  ));
}

function portTitle(port: Port): string {
  const kinds = port.kinds.join(" | ") || "any";
  return `${port.name}: ${kinds}${port.help ? `\n${port.help}` : ""}`;
}

/** The button of a node; behind its card where wires come in before it. */
function PressButton({ id, running, behind }: { id: string; running: boolean; behind: boolean }) {
  const t = useT();
  const flow = useStore((state) => state.active);
  const refusal = useRefusal("operator");
  const press = () =>
    gateway.inject(flow, id).catch((error: Error) => notify("bad", error.message));
  return (
    <button
      type="button"
      className={`press nodrag ${behind ? "behind" : ""}`}
      disabled={!running || refusal !== ""}
      title={refusal || t("card.press")}
      aria-label={t("card.press")}
      onClick={(event) => {
        event.stopPropagation();
        void press();
      }}
    >
      ▶
    </button>
  );
}

/** A type as a small card, for the palette and lists. */
export function TypeLine({ type }: { type: NodeType }) {
  return (
    <span className={`type-line role-${type.role}`}>
      <span className="spine" />
      <TypeIcon name={type.icon} />
      <span>{title(type.type.split("/").pop() ?? type.type).replace(/-/g, " ")}</span>
    </span>
  );
}
