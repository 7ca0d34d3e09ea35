/** What other parts ask of the canvas, which fills this in when it is there. */

import type { Point } from "../model/flow";

export interface CanvasHandle {
  /** Where the pointer is, or the middle of what is shown, in flow coordinates. */
  pointer: () => Point;
  /** The middle of what is shown, in flow coordinates. */
  middle: () => Point;
  fit: () => void;
  zoom: (factor: number) => void;
  /** Bring a node into view. */
  reveal: (id: string) => void;
  /** Show the whole drawing where a node that was just placed would be out of sight. */
  keepInView: (id: string) => void;
  /** Choose where the selected node is wired to. */
  connectFrom: () => void;
}

const nowhere: CanvasHandle = {
  pointer: () => ({ x: 0, y: 0 }),
  middle: () => ({ x: 0, y: 0 }),
  fit: () => {},
  zoom: () => {},
  reveal: () => {},
  keepInView: () => {},
  connectFrom: () => {},
};

export const canvas: CanvasHandle = { ...nowhere };

/** The canvas is there; gives the call that takes it away. */
export function provideCanvas(handle: CanvasHandle): () => void {
  Object.assign(canvas, handle);
  return () => void Object.assign(canvas, nowhere);
}
