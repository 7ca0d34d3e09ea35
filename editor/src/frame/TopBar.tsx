/** The state of the gateway in one line; check, test, deploy. */

import { IconKeyboard, IconLanguage, IconMoon, IconSun, IconSunMoon } from "@tabler/icons-react";
import { useMemo } from "react";
import type { Health } from "../api/types";
import { guarded, useRefusal } from "../app/access";
import { askDeploy, changesOf } from "../app/deploying";
import { nextLanguage, nextTheme } from "../app/looks";
import { activeTab, change, useStore } from "../app/store";
import { testNow } from "../app/testing";
import { useHealth } from "../app/useHealth";
import { useT } from "../i18n/t";
import { formatBytes } from "../model/format";
import { Account } from "./Account";
import { People } from "./People";

export function TopBar() {
  const health = useHealth();
  return (
    <header className="top">
      <h1 className="brand">flowrt</h1>
      <span className="host">{health?.host}</span>
      {health && <GatewayState health={health} />}
      <People />
      <span className="spring" />
      <CheckButton />
      <TestButton />
      <DeployButton />
      <Account />
      <Looks />
    </header>
  );
}

function GatewayState({ health }: { health: Health }) {
  const t = useT();
  const failed = health.failed > 0;
  const open = () => change({ panel: "health" });
  return (
    <div className="pills">
      <button type="button" className="pill" onClick={open} title={t("top.health")}>
        <span className={`dot ${failed ? "bad" : health.running > 0 ? "good" : "idle"}`} />
        {t("top.running", { count: health.running })}
        {failed && ` · ${t("top.failed", { count: health.failed })}`}
      </button>
      {health.buses.map((bus) => (
        <button
          type="button"
          key={`${bus.flow}/${bus.resource}`}
          className="pill"
          onClick={open}
          title={`${bus.flow}: ${bus.resource} (${bus.type}) ${bus.status}`}
        >
          <span className={`dot ${bus.ok ? "good" : "bad"}`} />
          {[bus.resource, ...busWords(bus.figures, t)].join(" · ")}
        </button>
      ))}
      <button type="button" className="pill" onClick={open}>
        {t("top.drops", { count: health.dropped })}
        {health.journal_bytes > 0 &&
          ` · ${t("top.journal", { size: formatBytes(health.journal_bytes) })}`}
      </button>
    </div>
  );
}

function busWords(figures: Record<string, number>, t: ReturnType<typeof useT>): string[] {
  const { load_percent: load, kernel_drops: drops } = figures;
  return [
    load === undefined ? "" : `${load.toFixed(0)} %`,
    drops ? t("top.drops", { count: drops }) : "",
  ].filter(Boolean);
}

function CheckButton() {
  const t = useT();
  const tab = useStore(activeTab);
  if (!tab) return null;
  const count = tab.problems.length;
  return (
    <button
      type="button"
      className={count > 0 ? "bad" : ""}
      aria-busy={tab.checking}
      onClick={() => change({ panel: "problems" })}
    >
      {count > 0 ? t("top.problems", { count }) : `${t("top.check")} ✓`}
    </button>
  );
}

function TestButton() {
  const t = useT();
  const outcomes = useStore((state) => state.tests[state.active]);
  const active = useStore((state) => state.active);
  const refusal = useRefusal("integrator");
  if (!active) return null;
  const passed = outcomes?.outcomes.filter((one) => one.passed).length ?? 0;
  const count = outcomes?.outcomes.length ?? 0;
  return (
    <button
      type="button"
      {...guarded(refusal)}
      className={passed < count ? "bad" : ""}
      onClick={() => {
        change({ panel: "tests" });
        void testNow();
      }}
    >
      {count > 0 ? t("top.tested", { passed, count }) : t("top.test")}
    </button>
  );
}

function DeployButton() {
  const t = useT();
  const tab = useStore(activeTab);
  const refusal = useRefusal("integrator");
  const count = useMemo(() => {
    if (!tab) return 0;
    const { logic, layout } = changesOf(tab);
    return logic.length + (layout.length > 0 ? 1 : 0);
  }, [tab]);
  return (
    <button
      type="button"
      className="primary"
      disabled={!tab || count === 0 || refusal !== ""}
      title={refusal || undefined}
      onClick={() => void askDeploy()}
    >
      {count > 0 ? t("top.deployCount", { count }) : t("top.deploy")}
    </button>
  );
}

const THEME_ICONS = { system: IconSunMoon, light: IconSun, dark: IconMoon };

function Looks() {
  const t = useT();
  const theme = useStore((state) => state.theme);
  const Icon = THEME_ICONS[theme];
  return (
    <span className="looks">
      <button
        type="button"
        className="quiet"
        aria-label={t("top.theme")}
        title={t(`theme.${theme}`)}
        onClick={nextTheme}
      >
        <Icon size={18} />
      </button>
      <button
        type="button"
        className="quiet"
        aria-label={t("top.language")}
        title={t("top.language")}
        onClick={nextLanguage}
      >
        <IconLanguage size={18} />
      </button>
      <button
        type="button"
        className="quiet"
        aria-label={t("action.actions")}
        title={`${t("action.actions")} (Ctrl+K)`}
        onClick={() => change({ dialog: { kind: "actions" } })}
      >
        <IconKeyboard size={18} />
      </button>
    </span>
  );
}
