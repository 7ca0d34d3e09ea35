/** The keys. */

import { actions } from "../app/actions";
import { useT } from "../i18n/t";
import type { Key } from "../i18n/texts";
import { Modal } from "./Modal";

/** Keys and gestures that are no action of the list. */
const OTHERS: [string, Key][] = [
  ["a … z", "keys.type"],
  ["Tab", "keys.tab"],
  ["← ↑ → ↓", "keys.arrows"],
  ["Ctrl+V", "keys.paste"],
  ["Shift + drag", "keys.box"],
  ["Alt + drag", "keys.slice"],
];

export function KeysDialog() {
  const t = useT();
  return (
    <Modal title={t("action.keys")} wide>
      <dl className="keys scroll">
        {actions
          .filter(({ keys }) => keys)
          .map(({ id, keys }) => (
            <div key={id}>
              <dt>
                {keys?.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{t(id)}</dd>
            </div>
          ))}
        {OTHERS.map(([keys, words]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
