/** A window over the page; Escape leaves it, and the focus stays in it. */

import { type ReactNode, useEffect, useId, useRef } from "react";
import { change } from "../app/store";
import { useT } from "../i18n/t";

interface ModalProps {
  title: string;
  children: ReactNode;
  /** It cannot be left now. */
  busy?: boolean;
  wide?: boolean;
}

export function Modal({ title, children, busy = false, wide = false }: ModalProps) {
  const t = useT();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const close = () => !busy && change({ dialog: null });
  return (
    <dialog
      ref={dialog}
      className={wide ? "wide" : ""}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button
          type="button"
          className="quiet"
          aria-label={t("close")}
          disabled={busy}
          onClick={close}
        >
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}
