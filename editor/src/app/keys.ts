/** From keys to actions. */

import { type Action, actions, alongWires, pasteText } from "./actions";
import { canvas } from "./canvasHandle";
import { change, read } from "./store";

/** Listen for keys, and for pasted text; gives the call that stops it. */
export function listenForKeys(): () => void {
  window.addEventListener("keydown", onCtrlKey, true);
  window.addEventListener("keydown", onKey);
  window.addEventListener("keyup", onRelease);
  window.addEventListener("paste", onPaste);
  return () => {
    window.removeEventListener("keydown", onCtrlKey, true);
    window.removeEventListener("keydown", onKey);
    window.removeEventListener("keyup", onRelease);
    window.removeEventListener("paste", onPaste);
  };
}

/** How a key event is written in an action. */
export function keyName(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const letter = /^[A-Z0-9]$/.test(key);
  return [
    event.ctrlKey || event.metaKey ? "Ctrl+" : "",
    event.altKey ? "Alt+" : "",
    event.shiftKey && (letter || key.length > 1) ? "Shift+" : "",
    event.shiftKey && event.code === "Digit1" ? "1" : key,
  ].join("");
}

/** The action of a key, if there is one. */
export function actionFor(event: KeyboardEvent): Action | undefined {
  const name = event.shiftKey && event.code === "Digit1" ? "Shift+1" : keyName(event);
  const { nodes, wires } = read().selection;
  const isSelected = nodes.length + wires.length > 0;
  return actions.find(
    (action) => action.keys?.includes(name) && (isSelected || !action.onSelection),
  );
}

/** Ctrl and a key is ours before the canvas sees it: Ctrl+Enter on a node deploys, and selects nothing. */
function onCtrlKey(event: KeyboardEvent): void {
  if (!event.ctrlKey && !event.metaKey) return;
  onKey(event);
  if (event.defaultPrevented) event.stopPropagation();
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const typing = isTyping(event.target);
  const action = actionFor(event);
  if (action && (action.everywhere || (!typing && !read().dialog && !onControl(event)))) {
    event.preventDefault();
    action.run();
  } else if (!typing && !read().dialog) onCanvasKey(event);
}

/** React Flow misses a Ctrl that is let go in a text field, and would go on selecting more and more. */
function onRelease(event: KeyboardEvent): void {
  const isModifier = /^(Control|Meta|Shift)$/.test(event.key);
  if (isModifier && isTyping(event.target)) window.dispatchEvent(new Event("blur"));
}

/** Letters begin a new node; Tab follows the wires. */
function onCanvasKey(event: KeyboardEvent): void {
  const onCanvas = event.target instanceof Element && event.target.closest(".canvas") !== null;
  if (event.key === "Tab" && onCanvas && alongWires(event.shiftKey)) event.preventDefault();
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const onButton = event.target instanceof HTMLButtonElement; // such as the one for a new flow
  const free = event.target === document.body || onCanvas || onButton;
  if (plain && free && /^[a-z]$/i.test(event.key) && read().active) {
    event.preventDefault();
    const { at, screen } = canvasPoint();
    change({ quickAdd: { at, screen, text: event.key } });
  }
}

function canvasPoint() {
  const box = document.querySelector(".canvas")?.getBoundingClientRect();
  const screen = { x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + 80 };
  return { at: canvas.pointer(), screen };
}

function onPaste(event: ClipboardEvent): void {
  if (isTyping(event.target) || read().dialog) return;
  const text = event.clipboardData?.getData("text") ?? "";
  event.preventDefault();
  if (text === "") pasteText();
  else pasteText(text);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** A button or link takes its own keys: Backspace on one must not remove a node. */
function onControl(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    /^(BUTTON|A|SUMMARY)$/.test(target.tagName) &&
    /^(Enter| |Delete|Backspace)$/.test(event.key)
  );
}
