/** How the gateway is: processor, memory, buses, drops, journal. */

import type { Health } from "../api/types";
import { useStore } from "../app/store";
import { useHealth } from "../app/useHealth";
import { sentenceOf } from "../frame/People";
import { useT } from "../i18n/t";
import { formatBytes, formatSpan, formatValue } from "../model/format";

export function HealthPanel() {
  const t = useT();
  const health = useHealth();
  if (!health) return <p className="muted">{t("start.loading")}</p>;
  return (
    <>
      <h2>{health.host}</h2>
      <Gauge label={t("health.cpu")} percent={health.cpu_percent} />
      <Gauge label={t("health.memory")} percent={health.system_memory_percent} />
      <dl className="figures">
        {figures(health, t).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Others />
      <h3>{t("health.buses")}</h3>
      {health.buses.length === 0 && <p className="muted">{t("health.noBuses")}</p>}
      {health.buses.map((bus) => (
        <section key={`${bus.flow}/${bus.resource}`} className="bus">
          <h4>
            <span className={`dot ${bus.ok ? "good" : "bad"}`} /> {bus.resource}{" "}
            <small>
              {bus.type} · {bus.flow}
            </small>
          </h4>
          <p className="muted">{bus.status}</p>
          {bus.figures.load_percent !== undefined && (
            <Gauge label={t("health.load")} percent={bus.figures.load_percent} />
          )}
          <dl className="figures">
            {Object.entries(bus.figures)
              .filter(([name]) => name !== "load_percent")
              .map(([name, value]) => (
                <div key={name}>
                  <dt>{name.replace(/_/g, " ")}</dt>
                  <dd>{formatValue(Number(value.toPrecision(4)))}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </>
  );
}

function Others() {
  const t = useT();
  const people = useStore((state) => state.people);
  if (people.length === 0) return null;
  return (
    <>
      <h3>{t("people.title")}</h3>
      <ul className="plain">
        {people.map((person, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one address can be there twice
          <li key={index}>{sentenceOf(person, t)}</li>
        ))}
      </ul>
    </>
  );
}

function figures(health: Health, t: ReturnType<typeof useT>): [string, string][] {
  return [
    [t("health.version"), health.version],
    [t("health.uptime"), formatSpan(health.uptime_seconds)],
    [t("health.process"), formatBytes(health.memory_bytes)],
    [t("health.average"), health.load.map((value) => value.toFixed(2)).join("  ")],
    [t("health.disk"), formatBytes(health.disk_free_bytes)],
    [t("health.journal"), formatBytes(health.journal_bytes)],
    [t("health.dropped"), String(health.dropped)],
  ];
}

function Gauge({ label, percent }: { label: string; percent: number }) {
  const level = percent > 90 ? "bad" : percent > 70 ? "warn" : "good";
  return (
    <div className="gauge">
      <span>{label}</span>
      <meter className={level} min={0} max={100} value={percent} aria-label={label} />
      <output>{percent.toFixed(0)} %</output>
    </div>
  );
}
