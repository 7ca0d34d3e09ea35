/** Gives the other parts of the page a hold on the canvas: pointer, view, connecting. */

import { getViewportForBounds, type ReactFlowInstance, useReactFlow } from "@xyflow/react";
import { type PointerEvent, useCallback, useEffect, useRef } from "react";
import { provideCanvas } from "../app/canvasHandle";
import { activeDraft, change, read, useStore } from "../app/store";
import { firstOutput } from "../app/watching";
import { boundsOf, CARD } from "../model/arrange";

export function useCanvasHandle() {
  const flow = useReactFlow();
  const last = useRef<{ x: number; y: number } | null>(null);
  const active = useStore((state) => state.active);
  const count = useStore((state) => Object.keys(activeDraft(state)?.document.nodes ?? {}).length);
  const fitted = useRef("");

  const toFlow = useCallback(
    (x: number, y: number) => flow.screenToFlowPosition({ x, y }, { snapToGrid: false }),
    [flow],
  );
  const middle = useCallback(() => {
    const box = document.querySelector(".canvas")?.getBoundingClientRect();
    return toFlow(
      (box?.left ?? 0) + (box?.width ?? 0) / 2 - CARD.width / 2,
      (box?.top ?? 0) + (box?.height ?? 0) / 2 - CARD.height / 2,
    );
  }, [toFlow]);

  useEffect(
    () =>
      provideCanvas({
        middle,
        pointer: () => (last.current ? toFlow(last.current.x, last.current.y) : middle()),
        fit: () => fitWhole(flow, 200),
        zoom: (factor) => void flow.zoomTo(flow.getZoom() * factor, { duration: 120 }),
        reveal: (id) =>
          void flow.fitView({ nodes: [{ id }], maxZoom: 1, padding: 2, duration: 200 }),
        keepInView: (id) => {
          if (!isInView(id)) fitWhole(flow, 0);
        },
        connectFrom: () => beginConnect(middle()),
      }),
    [flow, middle, toFlow],
  );

  // A flow that is shown for the first time is shown whole.
  useEffect(() => {
    if (fitted.current === active || count === 0) return;
    fitted.current = active;
    fitWhole(flow, 0);
  }, [active, count, flow]);

  const onPointerMove = useCallback((event: PointerEvent) => {
    last.current = { x: event.clientX, y: event.clientY };
  }, []);
  return { toFlow, onPointerMove };
}

/** Show the whole drawing. Counted from the layout, as cards that were never in sight have no size. */
export function fitWhole(flow: Pick<ReactFlowInstance, "setViewport">, duration: number): void {
  const draft = activeDraft();
  const box = document.querySelector(".canvas")?.getBoundingClientRect();
  const bounds = draft && boundsOf(draft.layout);
  if (!box || !bounds) return;
  const view = getViewportForBounds(bounds, box.width, box.height, SMALLEST, 1, 0.12);
  void flow.setViewport(view, { duration });
}

/** The smallest zoom. */
export const SMALLEST = 0.05;

function isInView(id: string): boolean {
  const card = document.querySelector(`[data-id="${CSS.escape(id)}"]`)?.getBoundingClientRect();
  const box = document.querySelector(".canvas")?.getBoundingClientRect();
  if (!card || !box) return false;
  return (
    card.left >= box.left &&
    card.right <= box.right &&
    card.top >= box.top &&
    card.bottom <= box.bottom
  );
}

/** Offer where the selected node can be wired to, or what to put behind it. */
function beginConnect(middle: { x: number; y: number }): void {
  const state = read();
  const id = state.selection.nodes[0];
  const draft = activeDraft(state);
  const item = id === undefined ? undefined : draft?.document.nodes[id];
  if (!draft || id === undefined || !item) return;
  const spot = draft.layout.nodes[id] ?? middle;
  const box = document.querySelector(`[data-id="${CSS.escape(id)}"]`)?.getBoundingClientRect();
  change({
    quickAdd: {
      at: { x: spot.x + CARD.width + 80, y: spot.y },
      screen: { x: box?.right ?? 300, y: box?.top ?? 200 },
      text: "",
      from: { node: id, port: firstOutput(state, item.type) },
    },
  });
}
