/** What is dragged from one part of the page to another. */

/** A node type, from the palette to the canvas. */
export const TYPE_DRAG = "application/x-flowrt-type";

/** A signal, from a wire to a chart. */
export const SIGNAL_DRAG = "application/x-flowrt-signal";
