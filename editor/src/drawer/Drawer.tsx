/** The lower edge: alarms, debug, log, replay. */

import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { type ComponentType, useState } from "react";
import { change, type DrawerName, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { Alarms } from "./Alarms";
import { Debug } from "./Debug";
import { Log } from "./Log";
import { Replay } from "./Replay";

const BODIES: Record<DrawerName, ComponentType> = {
  alarms: Alarms,
  debug: Debug,
  log: Log,
  replay: Replay,
};

export function Drawer() {
  const t = useT();
  const drawer = useStore((state) => state.drawer);
  const open = useStore((state) => state.drawerOpen);
  const standing = useStore((state) => state.alarms.filter((alarm) => !alarm.shelved).length);
  const [height, setHeight] = useState(170);
  const Body = BODIES[drawer];
  return (
    <footer className={`drawer ${open ? "open" : ""}`} style={open ? { height } : {}}>
      <div
        className="drawer-edge"
        aria-hidden="true"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) {
            setHeight(Math.max(90, Math.min(600, window.innerHeight - event.clientY)));
          }
        }}
      />
      <div className="drawer-head">
        <div role="tablist" aria-label={t("drawer")}>
          {(Object.keys(BODIES) as DrawerName[]).map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`drawer-${name}`}
              aria-selected={drawer === name}
              className="quiet"
              onClick={() => change({ drawer: name, drawerOpen: true })}
            >
              {t(`drawer.${name}`)}
              {name === "alarms" && standing > 0 && <span className="badge">{standing}</span>}
            </button>
          ))}
        </div>
        <button
          type="button"
          className="quiet"
          aria-expanded={open}
          aria-label={t(open ? "drawer.fold" : "drawer.open")}
          onClick={() => change({ drawerOpen: !open })}
        >
          {open ? <IconChevronDown size={16} /> : <IconChevronUp size={16} />}
        </button>
      </div>
      {open && (
        <div
          className="drawer-body"
          role="tabpanel"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by key
          tabIndex={0}
          aria-labelledby={`drawer-${drawer}`}
        >
          <Body />
        </div>
      )}
    </footer>
  );
}
