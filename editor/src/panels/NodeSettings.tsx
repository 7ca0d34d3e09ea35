/** One node: its name, its form, how it runs, and the last hour of the signal it watches. */

import { Suspense, useState } from "react";
import { edit } from "../app/editing";
import { later, soon } from "../app/later";
import { activeTab, change, useStore } from "../app/store";
import { sourcesOf } from "../app/useLiveValue";
import { ResourceFold } from "../form/ResourcePick";
import { SettingsForm } from "../form/SettingsForm";
import { useT } from "../i18n/t";
import { rename, setEnabled, setSettings } from "../model/edit";
import { title } from "../model/format";
import { isId } from "../model/names";
import { firstSentence } from "../model/nodeType";
import { resolve } from "../model/signals";
import { Delivery } from "./Delivery";
import { NodeMemory } from "./NodeMemory";
import { NodeStateLines } from "./NodeStateLines";

const History = soon(() => import("./Chart"));
const JsonEditor = later(() => import("./JsonEditor"));

export function NodeSettings({ id }: { id: string }) {
  const t = useT();
  const [asJson, setAsJson] = useState(false);
  const tab = useStore(activeTab);
  const document = tab?.history.present.document;
  const item = document?.nodes[id];
  const type = useStore((state) => state.types[item?.type ?? ""]);
  if (!tab || !document || !item) return null;
  const settings = (next: Record<string, unknown>) =>
    edit((draft) => setSettings(draft, id, next), `settings ${id}`);
  return (
    <>
      <NodeName key={id} id={id} />
      <p className="muted">
        <code>{item.type}</code> {type && `· ${firstSentence(type.help)}`}
      </p>
      {!type && <p className="field-error">{t("settings.unknownType", { type: item.type })}</p>}
      {type?.install && (
        <p className="field-error">{t("palette.missing", { install: type.install })}</p>
      )}
      {type && !asJson && (
        <SettingsForm
          section="nodes"
          id={id}
          item={item}
          type={type}
          document={document}
          problems={tab.problems}
          signals={tab.signals[id] ?? NO_SIGNALS}
          onChange={settings}
        />
      )}
      {(asJson || !type) && (
        <Suspense fallback={null}>
          <JsonEditor
            label={t("settings.json")}
            value={withoutType(item)}
            onValue={(value) => settings(value as Record<string, unknown>)}
          />
        </Suspense>
      )}
      {item.type.startsWith("flow/") && <ResourcesOf names={Object.values(item)} />}
      <SignalHistory id={id} />
      <NodeStateLines id={id} />
      <Delivery lines={tab.delivery} to={id} />
      <NodeMemory id={id} />
      <div className="row">
        <label className="tick">
          <input
            type="checkbox"
            checked={item.enabled !== false}
            onChange={(event) => edit((draft) => setEnabled(draft, [id], event.target.checked))}
          />
          {t("settings.enabled")}
        </label>
        {type && (
          <button
            type="button"
            className="quiet"
            aria-pressed={asJson}
            onClick={() => setAsJson(!asJson)}
          >
            {t("settings.json")}
          </button>
        )}
        <button type="button" className="quiet" onClick={() => change({ panel: "help" })}>
          {t("panel.help")}
        </button>
      </div>
    </>
  );
}

const NO_SIGNALS: never[] = [];

function withoutType(item: Record<string, unknown>): Record<string, unknown> {
  const { type: _type, enabled: _enabled, ...rest } = item;
  return rest;
}

/** The resources that a subflow is given. */
function ResourcesOf({ names }: { names: unknown[] }) {
  const resources = useStore((state) => activeTab(state)?.history.present.document.resources);
  const used = names.filter(
    (name): name is string => typeof name === "string" && !!resources?.[name],
  );
  return used.map((name) => <ResourceFold key={name} name={name} />);
}

function NodeName({ id }: { id: string }) {
  const t = useT();
  const [text, setText] = useState(title(id));
  const taken = useStore((state) => activeTab(state)?.history.present.document.nodes);
  const wanted = text.trim().replace(/\s+/g, "_");
  const fits = wanted === id || (isId(wanted) && !taken?.[wanted]);
  const commit = () => {
    if (!fits || wanted === id) return setText(title(id));
    edit((draft) => rename(draft, id, wanted));
    change({ selection: { nodes: [wanted], wires: [] } });
  };
  return (
    <>
      <input
        className="name"
        aria-label={t("settings.name")}
        aria-invalid={!fits}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
        }}
      />
      {!fits && <p className="field-error">{t("settings.badName")}</p>}
    </>
  );
}

/** The last hour of the signal that the node is set to watch. */
function SignalHistory({ id }: { id: string }) {
  const t = useT();
  const tab = useStore(activeTab);
  const running = useStore((state) => state.gateway.flows[state.active]?.state === "running");
  const setting = tab?.history.present.document.nodes[id]?.signal;
  const signal = typeof setting === "string" ? resolve(setting, tab?.signals[id] ?? []) : undefined;
  const from = useStore((state) => sourcesOf(state, id)[0]?.node);
  const port = useStore((state) => sourcesOf(state, id)[0]?.port);
  if (!tab || !running || !signal || from === undefined || port === undefined) return null;
  const charted = {
    flow: tab.name,
    node: from,
    port,
    signal: `${signal.source}.${signal.name}`,
    unit: signal.unit,
  };
  return (
    <section>
      <h3>{t("settings.lastHour")}</h3>
      <Suspense fallback={null}>
        <History charted={[charted]} seconds={3600} height={90} />
      </Suspense>
    </section>
  );
}
