/** The flows as tabs: show, add, drag into another order, and a menu for each. */

import { IconDots, IconLock, IconPlus, IconUser } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import { useShallow } from "zustand/shallow";
import { guarded, useRefusal } from "../app/access";
import { runAction } from "../app/actions";
import { removeFlow, setRunning } from "../app/deploying";
import { create, moveTab, show } from "../app/loading";
import { stateOf, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { sentenceOf } from "./People";
import { useMenu } from "./useMenu";

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
  const [sure, setSure] = useState(false);
  const { box, open, setOpen } = useMenu(() => setSure(false));
  const refusal = useRefusal("integrator");
  const doing = useStore((state) => stateOf(state, name));
  const locked = useStore((state) => state.tabs[name]?.history.present.layout.locked);

  const item = (label: string, run: () => void, className = "", refusal = "") => (
    <button
      type="button"
      {...guarded(refusal)}
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
          {doing === "running" &&
            item(t("tab.stop"), () => void setRunning(name, false), "", refusal)}
          {(doing === "stopped" || doing === "failed") &&
            item(t("tab.start"), () => void setRunning(name, true), "", refusal)}
          {item(t("action.export"), () => runAction("action.export"))}
          {item(t("tab.duplicate"), () => runAction("action.duplicateFlow"))}
          {item(t(locked ? "tab.unlock" : "action.lock"), () => runAction("action.lock"))}
          {doing !== "new" && item(t("action.discard"), () => runAction("action.discard"))}
          {sure ? (
            item(t("tab.sure", { name }), () => void removeFlow(name), "bad")
          ) : (
            <button
              type="button"
              className="quiet bad"
              {...guarded(doing === "new" ? "" : refusal)}
              onClick={() => setSure(true)}
            >
              {t("tab.delete")}
            </button>
          )}
        </div>
      )}
    </span>
  );
}
