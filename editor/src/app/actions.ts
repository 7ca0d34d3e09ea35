/** Everything that can be done, by name: for keys, the action list and menus. */

import type { Key } from "../i18n/texts";
import { align, distribute, type Edge, layOut } from "../model/arrange";
import { copy, parseFragment, paste } from "../model/clipboard";
import { moveNodes, remove, removeAndHeal, setEnabled } from "../model/edit";
import { type Draft, splitEnd, wiresOf } from "../model/flow";
import { freeId } from "../model/names";
import { reach } from "../model/search";
import { canvas } from "./canvasHandle";
import { askDeploy } from "./deploying";
import { discard, edit, redoEdit, undoEdit } from "./editing";
import { askSubflow } from "./extracting";
import { create, show } from "./loading";
import { activeDraft, change, NOTHING, notify, read } from "./store";

/** An action; `keys` as in `Ctrl+Shift+Z`, the first one is shown. */
export interface Action {
  id: Key;
  keys?: string[];
  run: () => void;
  /** Runs also while a text is edited. */
  everywhere?: boolean;
  /** Only where something is selected; else its letter begins a new node. */
  onSelection?: boolean;
}

const selected = () => read().selection.nodes;

function moveSelected(
  points: (draft: Draft, ids: string[]) => Record<string, { x: number; y: number }>,
) {
  edit((draft) => moveNodes(draft, points(draft, selected())));
}

const aligned = (edge: Edge) => () => moveSelected((draft, ids) => align(draft, ids, edge));

/** Copy the selected nodes as JSON, to the clipboard of the machine. */
export async function copySelected(): Promise<boolean> {
  const draft = activeDraft();
  if (!draft || selected().length === 0) return false;
  const text = JSON.stringify(copy(draft, selected()), null, 2);
  memory = text;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The page may not reach the machine's clipboard; what was copied is kept in `memory`.
  }
  return true;
}

let memory = "";

/** Paste JSON at the pointer; without text, what was copied last. */
export function pasteText(text: string = memory): void {
  if (text === "") return;
  try {
    const fragment = parseFragment(text);
    let ids: string[] = [];
    edit((draft) => {
      const pasted = paste(draft, fragment, canvas.pointer());
      ids = pasted.ids;
      return pasted.draft;
    });
    change({ selection: { nodes: ids, wires: [] } });
  } catch (error) {
    notify("bad", (error as Error).message);
  }
}

/** Remove what is selected. */
export function removeSelected(): void {
  const { selection } = read();
  edit((draft) => remove(draft, selection));
  change({ selection: NOTHING });
}

function healSelected(): void {
  const { selection, types } = read();
  edit((draft) => removeAndHeal(draft, types, selection));
  change({ selection: NOTHING });
}

function selectAll(): void {
  const draft = activeDraft();
  if (draft) change({ selection: { nodes: Object.keys(draft.document.nodes), wires: [] } });
}

const selectReach = (way: "upstream" | "downstream") => () => {
  const draft = activeDraft();
  if (draft) change({ selection: { nodes: reach(draft.document, selected(), way), wires: [] } });
};

/** Go on to the next node along the wires, or back. */
export function alongWires(back: boolean): boolean {
  const draft = activeDraft();
  const [id] = selected();
  if (!draft || id === undefined) return false;
  const [here, there] = back ? (["to", "from"] as const) : (["from", "to"] as const);
  const wire = wiresOf(draft.document).find((one) => splitEnd(one[here]).node === id);
  if (!wire) return false;
  change({ selection: { nodes: [splitEnd(wire[there]).node], wires: [] } });
  return true;
}

function toggleEnabled(): void {
  const draft = activeDraft();
  if (!draft) return;
  const ids = selected();
  const off = ids.every((id) => draft.document.nodes[id]?.enabled === false);
  edit((now) => setEnabled(now, ids, off));
}

function group(): void {
  const members = selected();
  if (members.length === 0) return;
  edit((draft) => {
    const taken = Object.fromEntries(draft.layout.groups.map((one) => [one.id, one]));
    const id = freeId("group", taken);
    const groups = [...draft.layout.groups, { id, title: "", members }];
    return { ...draft, layout: { ...draft.layout, groups } };
  });
}

/** Put a note at the pointer. */
export function addNote(): void {
  edit((draft) => {
    const taken = Object.fromEntries(draft.layout.notes.map((note) => [note.id, note]));
    const note = {
      id: freeId("note", taken),
      text: "",
      ...canvas.pointer(),
      width: 220,
      height: 110,
    };
    return { ...draft, layout: { ...draft.layout, notes: [...draft.layout.notes, note] } };
  });
}

function layOutAll(): void {
  edit((draft) => moveNodes(draft, layOut(draft.document, read().types)));
  window.setTimeout(() => canvas.fit(), 50);
}

function toggleLock(): void {
  edit((draft) => {
    const { locked, ...layout } = draft.layout;
    return { ...draft, layout: locked ? layout : { ...layout, locked: true } };
  }, "lock");
}

function pinSelected(): void {
  const { wires } = read().selection;
  edit((draft) => {
    const { pins } = draft.layout;
    const all = wires.every((key) => pins.includes(key));
    const next = all
      ? pins.filter((key) => !wires.includes(key))
      : [...new Set([...pins, ...wires])];
    return { ...draft, layout: { ...draft.layout, pins: next } };
  });
}

function nextTab(step: number): void {
  const { order, active } = read();
  const next = order[(order.indexOf(active) + step + order.length) % order.length];
  if (next) void show(next);
}

/** Save a text as a file of this machine. */
export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function exportFlow(): void {
  const draft = activeDraft();
  if (draft)
    download(`${draft.document.name}.json`, `${JSON.stringify(draft.document, null, 2)}\n`);
}

function duplicateFlow(): void {
  const draft = activeDraft();
  if (draft) create(draft.document, draft.layout);
}

function goBack(): void {
  const { dialog, quickAdd, find } = read();
  if (dialog) {
    if (dialog.kind !== "deploy" || !dialog.busy) change({ dialog: null });
  } else if (quickAdd) change({ quickAdd: null });
  else if (find !== null) change({ find: null });
  else change({ selection: NOTHING });
}

/** Every action, in the order in which it is listed. */
export const actions: Action[] = [
  { id: "action.deploy", keys: ["Ctrl+Enter"], run: () => void askDeploy(), everywhere: true },
  { id: "action.palette", keys: ["/"], run: () => focus("palette-search") },
  {
    id: "action.actions",
    keys: ["Ctrl+K"],
    run: () => change({ dialog: { kind: "actions" } }),
    everywhere: true,
  },
  { id: "action.find", keys: ["Ctrl+F"], run: () => change({ find: "" }), everywhere: true },
  { id: "action.undo", keys: ["Ctrl+Z"], run: undoEdit },
  { id: "action.redo", keys: ["Ctrl+Y", "Ctrl+Shift+Z"], run: redoEdit },
  { id: "action.copy", keys: ["Ctrl+C"], run: () => void copySelected() },
  {
    id: "action.cut",
    keys: ["Ctrl+X"],
    run: () => void copySelected().then((is) => is && removeSelected()),
  },
  {
    id: "action.duplicate",
    keys: ["Ctrl+D"],
    run: () => void copySelected().then((is) => is && pasteText()),
  },
  { id: "action.remove", keys: ["Delete", "Backspace"], run: removeSelected },
  { id: "action.heal", keys: ["Ctrl+Delete", "Ctrl+Backspace"], run: healSelected },
  { id: "action.selectAll", keys: ["Ctrl+A"], run: selectAll },
  { id: "action.downstream", keys: ["Shift+D"], run: selectReach("downstream") },
  { id: "action.upstream", keys: ["Shift+U"], run: selectReach("upstream") },
  { id: "action.connect", keys: ["C"], run: () => canvas.connectFrom(), onSelection: true },
  { id: "action.enable", keys: ["E"], run: toggleEnabled, onSelection: true },
  { id: "action.pin", keys: ["P"], run: pinSelected, onSelection: true },
  { id: "action.group", keys: ["Ctrl+G"], run: group },
  { id: "action.subflow", keys: ["Ctrl+Shift+G"], run: askSubflow },
  { id: "action.note", keys: ["Shift+N"], run: addNote },
  { id: "action.layout", keys: ["Ctrl+L"], run: layOutAll },
  { id: "action.alignLeft", keys: ["Alt+ArrowLeft"], run: aligned("left") },
  { id: "action.alignRight", keys: ["Alt+ArrowRight"], run: aligned("right") },
  { id: "action.alignTop", keys: ["Alt+ArrowUp"], run: aligned("top") },
  { id: "action.alignBottom", keys: ["Alt+ArrowDown"], run: aligned("bottom") },
  { id: "action.alignMiddle", run: aligned("middle") },
  { id: "action.alignCentre", run: aligned("centre") },
  {
    id: "action.spreadX",
    keys: ["Alt+H"],
    run: () => moveSelected((d, ids) => distribute(d, ids, "x")),
  },
  {
    id: "action.spreadY",
    keys: ["Alt+V"],
    run: () => moveSelected((d, ids) => distribute(d, ids, "y")),
  },
  { id: "action.fit", keys: ["Shift+1"], run: () => canvas.fit() },
  { id: "action.zoomIn", keys: ["+", "="], run: () => canvas.zoom(1.25) },
  { id: "action.zoomOut", keys: ["-"], run: () => canvas.zoom(0.8) },
  { id: "action.newFlow", run: () => void create() },
  { id: "action.examples", run: () => change({ dialog: { kind: "examples" } }) },
  { id: "action.import", keys: ["Ctrl+I"], run: () => change({ dialog: { kind: "import" } }) },
  { id: "action.export", keys: ["Ctrl+E"], run: exportFlow },
  { id: "action.duplicateFlow", run: duplicateFlow },
  { id: "action.discard", run: discard },
  { id: "action.lock", run: toggleLock },
  { id: "action.nextTab", keys: ["Ctrl+]"], run: () => nextTab(1) },
  { id: "action.previousTab", keys: ["Ctrl+["], run: () => nextTab(-1) },
  { id: "action.keys", keys: ["?"], run: () => change({ dialog: { kind: "keys" } }) },
  { id: "action.back", keys: ["Escape"], run: goBack, everywhere: true },
];

/** Run an action by its name. */
export function runAction(id: Key): void {
  actions.find((action) => action.id === id)?.run();
}

function focus(id: string): void {
  document.getElementById(id)?.focus();
}
