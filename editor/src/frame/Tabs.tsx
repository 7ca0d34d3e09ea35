/** The flows as tabs: show, add, drag into another order, and a menu for each. */

import { IconDots, IconLock, IconPlus, IconUser } from "@tabler/icons-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useShallow } from "zustand/shallow";
import { runAction } from "../app/actions";
import { removeFlow, setRunning } from "../app/deploying";
import { create, moveTab, show } from "../app/loading";
import { stateOf, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { sentenceOf } from "./People";

const TAB_DRAG = "application/x-flowrt-tab";

export function Tabs() {
  const t = useT();
  const order = useStore((state) => state.order);
  return (
    <div className="tabs">
      <nav aria-label={t("tabs")}>
        {order.map((name) => (
          <Tab key={name} name={name} />
        ))}
      </nav>
      <button
        type="button"
        className="quiet"
        aria-label={t("action.newFlow")}
        title={t("action.newFlow")}
        onClick={() => create()}
      >
        <IconPlus size={16} />
      </button>
    </div>
  );
}

function Tab({ name }: { name: string }) {
  const t = useT();
  const isActive = useStore((state) => state.active === name);
  const doing = useStore((state) => stateOf(state, name));
  const subflow = useStore((state) => state.rows.find((row) => row.name === name)?.subflow);
  const unsaved = useStore((state) => {
    const tab = state.tabs[name];
    return tab !== undefined && tab.history.present !== tab.base;
  });
  const locked = useStore((state) => state.tabs[name]?.history.present.layout.locked);
  const others = useStore(
    useShallow((state) => state.people.filter((person) => person.flow === name)),
  );
  const dot = { running: "good", failed: "bad", stopped: "idle", new: "new" }[doing];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes other tabs that are dropped on it
    <span
      className={`tab ${isActive ? "active" : ""}`}
      onDragOver={(event) => event.dataTransfer.types.includes(TAB_DRAG) && event.preventDefault()}
      onDrop={(event) => moveTab(event.dataTransfer.getData(TAB_DRAG), name)}
    >
      <button
        type="button"
        className="tab-name"
        aria-current={isActive ? "page" : undefined}
        title={`${name}: ${t(subflow ? "flow.subflow" : `flow.${doing}`)}`}
        draggable
        onDragStart={(event: DragEvent) => event.dataTransfer.setData(TAB_DRAG, name)}
        onClick={() => void show(name)}
      >
        {!subflow && <span className={`dot ${dot}`} />}
        {name}
        {locked && <IconLock size={12} aria-label={t("flow.locked")} />}
        {others.length > 0 && (
          <IconUser
            size={12}
            className={others.some(({ edits }) => edits) ? "edits" : ""}
            role="img"
            aria-label={others.map((person) => sentenceOf(person, t)).join("; ")}
          />
        )}
        {unsaved && (
          <span
            className="unsaved"
            role="img"
            title={t("flow.unsaved")}
            aria-label={t("flow.unsaved")}
          >
            ●
          </span>
        )}
      </button>
      {isActive && <TabMenu name={name} />}
    </span>
  );
}

function TabMenu({ name }: { name: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [sure, setSure] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const doing = useStore((state) => stateOf(state, name));
  const locked = useStore((state) => state.tabs[name]?.history.present.layout.locked);

  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key !== "Escape") return;
      if (event.type === "pointerdown" && box.current?.contains(event.target as Node)) return;
      setOpen(false);
      setSure(false);
    };
    window.addEventListener("pointerdown", close, true);
    window.addEventListener("keydown", close, true);
    return () => {
      window.removeEventListener("pointerdown", close, true);
      window.removeEventListener("keydown", close, true);
    };
  }, [open]);

  const item = (label: string, run: () => void, className = "") => (
    <button
      type="button"
      className={`quiet ${className}`}
      onClick={() => {
        setOpen(false);
        run();
      }}
    >
      {label}
    </button>
  );
  return (
    <span className="tab-menu" ref={box}>
      <button
        type="button"
        className="quiet"
        aria-label={t("tab.menu", { name })}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <IconDots size={14} />
      </button>
      {open && (
        <div className="menu">
          {doing === "running" && item(t("tab.stop"), () => void setRunning(name, false))}
          {(doing === "stopped" || doing === "failed") &&
            item(t("tab.start"), () => void setRunning(name, true))}
          {item(t("action.export"), () => runAction("action.export"))}
          {item(t("tab.duplicate"), () => runAction("action.duplicateFlow"))}
          {item(t(locked ? "tab.unlock" : "action.lock"), () => runAction("action.lock"))}
          {doing !== "new" && item(t("action.discard"), () => runAction("action.discard"))}
          {sure ? (
            item(t("tab.sure", { name }), () => void removeFlow(name), "bad")
          ) : (
            <button type="button" className="quiet bad" onClick={() => setSure(true)}>
              {t("tab.delete")}
            </button>
          )}
        </div>
      )}
    </span>
  );
}
