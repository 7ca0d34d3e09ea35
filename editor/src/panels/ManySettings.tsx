/** Several nodes are selected: what can be done with all of them. */

import { runAction } from "../app/actions";
import { useStore } from "../app/store";
import { useT } from "../i18n/t";
import type { Key } from "../i18n/texts";

const ACTIONS: Key[][] = [
  ["action.alignLeft", "action.alignCentre", "action.alignRight"],
  ["action.alignTop", "action.alignMiddle", "action.alignBottom"],
  ["action.spreadX", "action.spreadY"],
  ["action.group", "action.enable", "action.duplicate"],
  ["action.remove", "action.heal"],
];

export function ManySettings() {
  const t = useT();
  const count = useStore((state) => state.selection.nodes.length);
  return (
    <>
      <h2>{t("settings.many", { count })}</h2>
      {ACTIONS.map((row) => (
        <div className="row" key={row[0]}>
          {row.map((id) => (
            <button type="button" key={id} onClick={() => runAction(id)}>
              {t(id)}
            </button>
          ))}
        </div>
      ))}
    </>
  );
}
