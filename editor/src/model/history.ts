/** Undo and redo without limit. */

/** A present value with what came before it, and what was undone. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
}

/** A history without a past. */
export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** Go on to a new value; what was undone is forgotten. The same value changes nothing. */
export function record<T>(history: History<T>, next: T): History<T> {
  if (next === history.present) return history;
  return { past: [...history.past, history.present], present: next, future: [] };
}

/**
 * Replace the present without a step of its own: a drag, a letter typed after a letter.
 * Where the present is no step that can be joined, being the first or one undone to, it is kept.
 */
export function amend<T>(history: History<T>, next: T): History<T> {
  if (history.past.length === 0 || history.future.length > 0) return record(history, next);
  return { ...history, present: next };
}

/** One step back, where there is one. */
export function undo<T>(history: History<T>): History<T> {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: last,
    future: [history.present, ...history.future],
  };
}

/** One undone step forward, where there is one. */
export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future };
}
