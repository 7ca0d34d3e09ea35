/** The flow's resources: buses, brokers, links. */

import { edit } from "../app/editing";
import { activeDraft, useStore } from "../app/store";
import { ResourceFold } from "../form/ResourcePick";
import { useT } from "../i18n/t";
import { removeResource, setResource } from "../model/edit";
import { freeId, idFor } from "../model/names";

export function ResourcesPanel() {
  const t = useT();
  const document = useStore((state) => activeDraft(state)?.document);
  const types = useStore((state) => state.types);
  const states = useStore((state) => state.gateway.flows[state.active]?.resources);
  if (!document) return null;
  const resources = document.resources ?? {};
  const offered = Object.values(types).filter((type) => type.role === "resource");
  const users = (name: string) =>
    Object.entries(document.nodes)
      .filter(([, item]) => Object.values(item).includes(name))
      .map(([id]) => id);
  return (
    <>
      <h2>{t("panel.resources")}</h2>
      {Object.keys(resources).length === 0 && <p className="muted">{t("resources.none")}</p>}
      {Object.entries(resources).map(([name, item]) => (
        <section key={name} className="resource-box">
          <h3>
            <span
              className={`dot ${states?.[name] ? (states[name].ok ? "good" : "bad") : "idle"}`}
            />
            {name} <small>{item.type}</small>
          </h3>
          {states?.[name] && <p className="muted">{states[name].status}</p>}
          <p className="muted">
            {users(name).length > 0
              ? t("resources.users", { users: users(name).join(", ") })
              : t("resources.unused")}
          </p>
          <ResourceFold name={name} />
          <button
            type="button"
            className="quiet"
            onClick={() => edit((draft) => removeResource(draft, name))}
          >
            {t("form.remove", { what: name })}
          </button>
        </section>
      ))}
      <div className="row">
        {offered.map(({ type }) => (
          <button
            type="button"
            key={type}
            onClick={() =>
              edit((draft) =>
                setResource(draft, freeId(idFor(type), draft.document.resources ?? {}), { type }),
              )
            }
          >
            {t("form.newResource", { type })}
          </button>
        ))}
      </div>
    </>
  );
}
