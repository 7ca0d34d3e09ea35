/** A resource is picked by name, or made in place; its own settings open below. */

import { useEffect, useId, useState } from "react";
import { edit } from "../app/editing";
import { activeDraft, activeTab, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { setResource } from "../model/edit";
import { freeId, idFor } from "../model/names";
import { SettingsForm } from "./SettingsForm";

interface ResourcePickProps {
  id: string;
  value: string;
  type: string;
  onPick: (name: string) => void;
}

const NEW = " new";

export function ResourcePick({ id, value, type, onPick }: ResourcePickProps) {
  const t = useT();
  const resources = useStore((state) => activeDraft(state)?.document.resources);
  const fitting = Object.keys(resources ?? {}).filter((name) => resources?.[name]?.type === type);
  const choose = (name: string) => {
    if (name !== NEW) return onPick(name);
    const made = freeId(idFor(type), resources ?? {});
    onPick(made);
    // The node's own change is stored first, so that this one is put on top of it.
    window.setTimeout(() => edit((draft) => setResource(draft, made, { type })));
  };
  return (
    <select id={id} value={value} onChange={(event) => choose(event.target.value)}>
      <option value="">–</option>
      {value !== "" && !fitting.includes(value) && <option value={value}>{value}</option>}
      {fitting.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
      <option value={NEW}>{t("form.newResource", { type })}</option>
    </select>
  );
}

/** The settings of a resource, behind a fold; open where something in them is wrong. */
export function ResourceFold({ name, open = false }: { name: string; open?: boolean }) {
  const t = useT();
  const wrong = useStore(
    (state) =>
      activeTab(state)?.problems.some(({ place }) => place.startsWith(`resources.${name}`)) ??
      false,
  );
  const isThere = useStore((state) => activeDraft(state)?.document.resources?.[name] !== undefined);
  const [isOpen, setOpen] = useState(open || wrong);
  useEffect(() => {
    if (wrong) setOpen(true); // and stays so while the person mends it
  }, [wrong]);
  if (!isThere) return null;
  return (
    <details
      className="resource"
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{t("form.resourceSettings", { name })}</summary>
      <ResourceForm name={name} />
    </details>
  );
}

function ResourceForm({ name }: { name: string }) {
  const key = useId();
  const tab = useStore(activeTab);
  const document = tab?.history.present.document;
  const item = document?.resources?.[name];
  const type = useStore((state) => state.types[item?.type ?? ""]);
  if (!tab || !document || !item || !type) return null;
  return (
    <SettingsForm
      key={key}
      section="resources"
      id={name}
      item={item}
      type={type}
      document={document}
      problems={tab.problems}
      signals={[]}
      onChange={(settings) =>
        edit(
          (draft) => setResource(draft, name, { type: item.type, ...settings }),
          `resources.${name}`,
        )
      }
    />
  );
}
