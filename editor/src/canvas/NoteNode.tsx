/** A note on the canvas, in Markdown; double click edits it. */

import { type NodeProps, NodeResizer } from "@xyflow/react";
import Markdown from "markdown-to-jsx/react";
import { memo, useState } from "react";
import { edit } from "../app/editing";
import { activeDraft, useStore } from "../app/store";
import { useT } from "../i18n/t";
import type { Note } from "../model/flow";

export const NoteNode = memo(function NoteNode({ id, selected }: NodeProps) {
  const t = useT();
  const note = useStore((s) => activeDraft(s)?.layout.notes.find((one) => one.id === id));
  const [editing, setEditing] = useState(note?.text === "");
  if (!note) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the text field opens by Enter on the node, too
    <div className={`note ${selected ? "selected" : ""}`} onDoubleClick={() => setEditing(true)}>
      <NodeResizer
        isVisible={selected}
        minWidth={90}
        minHeight={40}
        onResizeEnd={(_, { x, y, width, height }) => changeNote(id, { x, y, width, height })}
      />
      {editing ? (
        <textarea
          className="nodrag nowheel"
          // biome-ignore lint/a11y/noAutofocus: a note is made, or opened, to be written in
          autoFocus
          aria-label={t("note.text")}
          placeholder={t("note.text")}
          defaultValue={note.text}
          onBlur={(event) => {
            setEditing(false);
            changeNote(id, { text: event.target.value });
          }}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        />
      ) : (
        <Markdown options={{ disableParsingRawHTML: true }}>
          {note.text || t("note.empty")}
        </Markdown>
      )}
    </div>
  );
});

function changeNote(id: string, change: Partial<Note>): void {
  edit((draft) => {
    const notes = draft.layout.notes.map((note) =>
      note.id === id ? { ...note, ...change } : note,
    );
    return { ...draft, layout: { ...draft.layout, notes } };
  });
}
