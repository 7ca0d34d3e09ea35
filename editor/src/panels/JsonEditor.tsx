/** JSON as text, with colours and brackets; what cannot be read is said and not taken. */

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef, useState } from "react";
import { useT } from "../i18n/t";
import { parseFlow } from "../model/parse";
import { same } from "../model/same";

interface JsonEditorProps {
  label: string;
  value: unknown;
  onValue: (value: unknown) => void;
  /** The text must be a whole flow. */
  isFlow?: boolean;
}

export default function JsonEditor({ label, value, onValue, isFlow = false }: JsonEditorProps) {
  const t = useT();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const [error, setError] = useState("");
  const newest = useRef({ value, onValue });
  newest.current = { value, onValue };

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; later values come in below
  useEffect(() => {
    const take = (text: string) => {
      const read = isFlow ? parseFlow(text) : parseObject(text);
      if (!same(read, newest.current.value)) newest.current.onValue(read);
    };
    const listener = EditorView.updateListener.of((update) => {
      if (!update.docChanged || !update.view.hasFocus) return;
      try {
        take(update.state.doc.toString());
        setError("");
      } catch (reason) {
        setError((reason as Error).message);
      }
    });
    const made = new EditorView({
      parent: host.current as HTMLDivElement,
      state: EditorState.create({
        doc: JSON.stringify(value, null, 2),
        extensions: [
          lineNumbers(),
          history(),
          bracketMatching(),
          json(),
          syntaxHighlighting(defaultHighlightStyle),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          listener,
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  // A change made elsewhere, such as undo, comes into the text; one's own typing stays as typed.
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.hasFocus) return;
    const text = JSON.stringify(value, null, 2);
    if (text !== editor.state.doc.toString()) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    }
  }, [value]);

  return (
    <div className="json">
      <div ref={host} />
      {error && (
        <p className="field-error" role="alert">
          {t("json.notTaken", { error })}
        </p>
      )}
    </div>
  );
}

function parseObject(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error("{ … }");
  return value;
}
