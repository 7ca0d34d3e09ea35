/** Everything that can be done, by name. */

import { useState } from "react";
import { actions } from "../app/actions";
import { change } from "../app/store";
import { useT } from "../i18n/t";
import { Picker } from "../panels/Picker";
import { Modal } from "./Modal";

export function ActionsDialog() {
  const t = useT();
  const [text, setText] = useState("");
  const found = actions.filter(({ id }) => t(id).toLowerCase().includes(text.toLowerCase()));
  return (
    <Modal title={t("action.actions")}>
      <Picker
        label={t("action.actions")}
        placeholder={t("actions.search")}
        text={text}
        onText={setText}
        items={found}
        keyOf={({ id }) => id}
        render={({ id, keys }) => (
          <>
            <span>{t(id)}</span>
            {keys?.[0] && <kbd>{keys[0]}</kbd>}
          </>
        )}
        onPick={(action) => {
          change({ dialog: null });
          action.run();
        }}
        onClose={() => change({ dialog: null })}
        empty={t("quick.nothing")}
      />
    </Modal>
  );
}
