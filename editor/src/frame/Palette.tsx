/** The node types by pack; search, drag, click, or Enter. */

import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { type DragEvent, type KeyboardEvent, useMemo, useState } from "react";
import { canvas } from "../app/canvasHandle";
import { placeBehind } from "../app/placing";
import { useStore } from "../app/store";
import { TypeLine } from "../canvas/Card";
import { TYPE_DRAG } from "../canvas/drag";
import { useT } from "../i18n/t";
import { byPack, matches, type NodeType } from "../model/nodeType";

const PACK_TITLES: Record<string, string> = {
  can: "CAN",
  mqtt: "MQTT",
  bess: "BESS",
  ai: "AI",
};

export function Palette() {
  const t = useT();
  const [text, setText] = useState("");
  const [folded, setFolded] = useState(() => window.innerWidth < 900);
  const types = useStore((state) => state.types);
  const packs = useMemo(
    () =>
      byPack(
        Object.values(types).filter((type) => type.role !== "resource" && matches(type, text)),
      ),
    [types, text],
  );
  if (folded) {
    return (
      <nav className="palette folded" aria-label={t("palette")}>
        <button
          type="button"
          className="quiet"
          aria-label={t("palette.open")}
          title={t("palette.open")}
          onClick={() => setFolded(false)}
        >
          <IconChevronRight size={16} />
        </button>
      </nav>
    );
  }
  const first = packs[0]?.types.find((type) => type.install === "");
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter" && text !== "" && first) {
      add(first);
      setText("");
    } else if (event.key === "Escape") event.currentTarget.blur();
    else if (event.key === "ArrowDown") focusFirst(event.currentTarget);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <nav className="palette" aria-label={t("palette")}>
      <div className="palette-search">
        <input
          id="palette-search"
          type="search"
          aria-label={t("palette.search")}
          placeholder={t("palette.search")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <kbd>/</kbd>
        <button
          type="button"
          className="quiet"
          aria-label={t("palette.fold")}
          title={t("palette.fold")}
          onClick={() => setFolded(true)}
        >
          <IconChevronLeft size={16} />
        </button>
      </div>
      <div className="palette-list">
        {packs.map(({ pack, types: members }) => (
          <section key={pack}>
            <h2>{PACK_TITLES[pack] ?? pack}</h2>
            {members.map((type) => (
              <PaletteEntry key={type.type} type={type} />
            ))}
          </section>
        ))}
        {packs.length === 0 && <p className="muted">{t("quick.nothing")}</p>}
      </div>
    </nav>
  );
}

function PaletteEntry({ type }: { type: NodeType }) {
  const t = useT();
  const missing = type.install !== "";
  const help = missing ? t("palette.missing", { install: type.install }) : type.help;
  return (
    <button
      type="button"
      className="palette-entry"
      draggable={!missing}
      aria-disabled={missing}
      title={`${type.type}\n${help}`}
      onClick={() => !missing && add(type)}
      onDragStart={(event: DragEvent) => {
        event.dataTransfer.setData(TYPE_DRAG, type.type);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onKeyDown={moveFocus}
    >
      <TypeLine type={type} />
      {missing && <small>{help}</small>}
    </button>
  );
}

function add(type: NodeType): void {
  placeBehind(type, canvas.middle());
}

function focusFirst(from: HTMLElement): void {
  from.closest(".palette")?.querySelector<HTMLElement>(".palette-entry")?.focus();
}

/** Up and down go through the entries. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const entries = [...document.querySelectorAll<HTMLElement>(".palette-entry")];
  const at = entries.indexOf(event.currentTarget);
  const next = entries[at + step] ?? document.getElementById("palette-search");
  next?.focus();
  event.preventDefault();
  event.stopPropagation();
}
