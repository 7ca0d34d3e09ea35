/** The drawing surface of one flow. */

import {
  Background,
  BackgroundVariant,
  type Connection,
  ControlButton,
  Controls,
  type FinalConnectionState,
  MiniMap,
  ReactFlow,
  SelectionMode,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { IconHierarchy2 } from "@tabler/icons-react";
import { type DragEvent, useCallback, useMemo } from "react";
import { runAction } from "../app/actions";
import { edit } from "../app/editing";
import { place, wireUnder } from "../app/placing";
import { activeDraft, change, read, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { CARD, GRID } from "../model/arrange";
import { connect, remove } from "../model/edit";
import type { FlowDocument } from "../model/flow";
import { refusal } from "../model/wiring";
import { Card } from "./Card";
import { TYPE_DRAG } from "./drag";
import { canvasEdges } from "./elements";
import { FindBar } from "./FindBar";
import { GroupNode } from "./GroupNode";
import { NoteNode } from "./NoteNode";
import { QuickAddBox } from "./QuickAdd";
import { RefusedWireBox } from "./RefusedWire";
import { fitWhole, SMALLEST, useCanvasHandle } from "./useCanvasHandle";
import { useCanvasNodes } from "./useCanvasNodes";
import { useSlice } from "./useSlice";
import { WireEdge } from "./WireEdge";

const nodeTypes = { card: Card, note: NoteNode, group: GroupNode };
const edgeTypes = { wire: WireEdge };
const EMPTY: FlowDocument = { flowrt: 1, name: "", nodes: {} };

export function Canvas() {
  const t = useT();
  const draft = useStore(activeDraft);
  const document = draft?.document ?? EMPTY;
  const types = useStore((state) => state.types);
  const wires = useStore((state) => state.selection.wires);
  const edges = useMemo(
    () => (draft ? canvasEdges(draft, types, wires) : []),
    [draft, types, wires],
  );
  const canvasNodes = useCanvasNodes(draft);
  const slice = useSlice();
  const track = useCanvasHandle();
  const { onConnect, onConnectEnd, isValid } = useConnecting();
  const locked = draft?.layout.locked ?? false;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the surface takes drops and the pointer; keys do the same
    <div
      className="canvas"
      onDragOver={allowDrop}
      onDrop={(event) => dropType(event, track.toFlow)}
      onPointerMove={track.onPointerMove}
      {...slice.handlers}
    >
      <ReactFlow
        {...canvasNodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onEdgesChange={selectEdges}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        onReconnect={(old, to) => reconnect(old.id, to)}
        isValidConnection={isValid}
        onPaneClick={() => change({ quickAdd: null, refused: null })}
        onInit={(flow) => fitWhole(flow, 0)}
        nodesDraggable={!locked}
        nodesConnectable={!locked}
        deleteKeyCode={null}
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode={["Shift", "Control", "Meta"]}
        zoomOnDoubleClick={false}
        snapToGrid
        snapGrid={[GRID, GRID]}
        minZoom={SMALLEST}
        maxZoom={2.5}
        connectionRadius={28}
        onlyRenderVisibleElements={Object.keys(document.nodes).length > 150}
        ariaLabelConfig={{ "node.a11yDescription.default": t("canvas.nodeHelp") }}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={GRID * 3} size={1.2} />
        <MiniMap pannable zoomable ariaLabel={t("canvas.map")} nodeClassName={mapClass} />
        <Controls showInteractive={false} aria-label={t("canvas.controls")}>
          <ControlButton
            title={t("action.layout")}
            aria-label={t("action.layout")}
            onClick={() => runAction("action.layout")}
          >
            <IconHierarchy2 />
          </ControlButton>
        </Controls>
      </ReactFlow>
      {slice.line}
      <QuickAddBox />
      <RefusedWireBox />
      <FindBar />
    </div>
  );
}

function mapClass(node: { type?: string | undefined; id: string }): string {
  const draft = activeDraft();
  const type = read().types[draft?.document.nodes[node.id]?.type ?? ""];
  return node.type === "card" ? `map-card role-${type?.role ?? "unknown"}` : "map-other";
}

function selectEdges(changes: { type: string; id?: string; selected?: boolean }[]): void {
  const wires = new Set(read().selection.wires);
  for (const one of changes) {
    if (one.type !== "select" || one.id === undefined) continue;
    if (one.selected) wires.add(one.id);
    else wires.delete(one.id);
  }
  change((state) => ({ selection: { ...state.selection, wires: [...wires] } }));
}

function endsOf(
  connection:
    | Connection
    | {
        source: string;
        target: string;
        sourceHandle?: string | null;
        targetHandle?: string | null;
      },
) {
  return {
    source: connection.source,
    output: connection.sourceHandle ?? "",
    target: connection.target,
    input: connection.targetHandle ?? "",
  };
}

function reconnect(key: string, to: Connection): void {
  const { types } = read();
  edit((draft) => connect(remove(draft, { nodes: [], wires: [key] }), types, endsOf(to)));
}

function useConnecting() {
  const isValid = useCallback((connection: Parameters<typeof endsOf>[0]) => {
    const draft = activeDraft();
    return (
      draft !== undefined && refusal(draft.document, read().types, endsOf(connection)) === null
    );
  }, []);
  const onConnect = useCallback((connection: Connection) => {
    edit((draft) => connect(draft, read().types, endsOf(connection)));
  }, []);
  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => connectEnded(event, state),
    [],
  );
  return { isValid, onConnect, onConnectEnd };
}

/** A wire was let go: on a port that refuses it, or on nothing, where a new node can begin. */
function connectEnded(event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
  if (state.isValid || !state.fromNode || !state.fromHandle) return;
  const point = "changedTouches" in event ? event.changedTouches[0] : event;
  const screen = { x: point?.clientX ?? 0, y: point?.clientY ?? 0 };
  const forward = state.fromHandle.type === "source";
  const from = { node: state.fromNode.id, port: state.fromHandle.id ?? "" };
  if (state.toNode && state.toHandle) {
    const to = { node: state.toNode.id, port: state.toHandle.id ?? "" };
    const [a, b] = forward ? [from, to] : [to, from];
    tellRefusal({ source: a.node, output: a.port, target: b.node, input: b.port }, screen);
  } else if (forward && state.to) {
    const at = { x: state.to.x, y: state.to.y - CARD.height / 2 };
    change({ quickAdd: { at, screen, text: "", from } });
  }
}

function tellRefusal(
  ends: { source: string; output: string; target: string; input: string },
  screen: { x: number; y: number },
): void {
  const draft = activeDraft();
  const found = draft && refusal(draft.document, read().types, ends);
  if (found) change({ refused: { ends, refusal: found, screen } });
}

function allowDrop(event: DragEvent): void {
  if (event.dataTransfer.types.includes(TYPE_DRAG)) event.preventDefault();
}

function dropType(
  event: DragEvent,
  toFlow: (x: number, y: number) => { x: number; y: number },
): void {
  const type = read().types[event.dataTransfer.getData(TYPE_DRAG)];
  if (!type) return;
  event.preventDefault();
  const at = toFlow(event.clientX, event.clientY);
  const into = wireUnder(event.clientX, event.clientY);
  place(type, { x: at.x - CARD.width / 2, y: at.y - CARD.height / 2 }, { into });
}
