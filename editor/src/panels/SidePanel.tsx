/** The right side: one panel at a time. */

import {
  IconAdjustments,
  IconAlertTriangle,
  IconChartLine,
  IconDatabase,
  IconFlask,
  IconHeartbeat,
  IconHelp,
  IconHistory,
} from "@tabler/icons-react";
import { type ComponentType, Suspense, useState } from "react";
import { soon } from "../app/later";
import { activeTab, change, type PanelName, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { HealthPanel } from "./HealthPanel";
import { HelpPanel } from "./HelpPanel";
import { ProblemsPanel } from "./ProblemsPanel";
import { ResourcesPanel } from "./ResourcesPanel";
import { RevisionsPanel } from "./RevisionsPanel";
import { SettingsPanel } from "./SettingsPanel";
import { TestsPanel } from "./TestsPanel";

const ChartsPanel = soon(() => import("./ChartsPanel"));

const PANELS: Record<PanelName, { icon: typeof IconHelp; body: ComponentType }> = {
  settings: { icon: IconAdjustments, body: SettingsPanel },
  help: { icon: IconHelp, body: HelpPanel },
  problems: { icon: IconAlertTriangle, body: ProblemsPanel },
  charts: { icon: IconChartLine, body: ChartsPanel },
  tests: { icon: IconFlask, body: TestsPanel },
  revisions: { icon: IconHistory, body: RevisionsPanel },
  resources: { icon: IconDatabase, body: ResourcesPanel },
  health: { icon: IconHeartbeat, body: HealthPanel },
};

export function SidePanel() {
  const t = useT();
  const panel = useStore((state) => state.panel);
  const problems = useStore((state) => activeTab(state)?.problems.length ?? 0);
  const [width, setWidth] = useState(320);
  const { body: Body } = PANELS[panel];
  return (
    <aside className="side" style={{ width }} aria-label={t(`panel.${panel}`)}>
      <Divider width={width} onWidth={setWidth} />
      <div className="side-tabs" role="tablist" aria-label={t("panels")}>
        {(Object.keys(PANELS) as PanelName[]).map((name) => {
          const Icon = PANELS[name].icon;
          const count = name === "problems" && problems > 0 ? String(problems) : "";
          return (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={panel === name}
              aria-label={`${t(`panel.${name}`)} ${count}`.trim()}
              title={t(`panel.${name}`)}
              className="quiet"
              onClick={() => change({ panel: name })}
            >
              <Icon size={18} stroke={1.75} />
              {count && <span className="badge">{count}</span>}
            </button>
          );
        })}
      </div>
      <div
        className="side-body"
        role="tabpanel"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by key
        tabIndex={0}
        aria-labelledby={`tab-${panel}`}
      >
        <Suspense fallback={<p className="muted">{t("start.loading")}</p>}>
          <Body />
        </Suspense>
      </div>
    </aside>
  );
}

const NARROWEST = 240;
const WIDEST = 720;

/** The edge of the panel: dragged, or moved by arrow keys. */
function Divider({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const t = useT();
  const limit = (wanted: number) => onWidth(Math.max(NARROWEST, Math.min(WIDEST, wanted)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is no <hr>
    <div
      className="divider"
      role="separator"
      tabIndex={0}
      aria-label={t("panel.width")}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) {
          limit(window.innerWidth - event.clientX);
        }
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") limit(width + 24);
        if (event.key === "ArrowRight") limit(width - 24);
      }}
    />
  );
}
