/** Why a wire was refused, said where it was let go, with the node that would make it possible. */

import { placeBetween } from "../app/placing";
import { change, useStore } from "../app/store";
import { useT } from "../i18n/t";

export function RefusedWireBox() {
  const t = useT();
  const refused = useStore((state) => state.refused);
  const types = useStore((state) => state.types);
  if (!refused) return null;
  const { reason, between } = refused.refusal;
  const type = between ? types[between] : undefined;
  const close = () => change({ refused: null });
  const left = Math.min(refused.screen.x, window.innerWidth - 320);
  return (
    <div className="refused" role="alert" style={{ left, top: refused.screen.y + 12 }}>
      <p>{reason}</p>
      {type && type.install === "" && (
        <button
          type="button"
          className="primary"
          onClick={() => {
            close();
            placeBetween(type, refused.ends);
          }}
        >
          {t("refused.insert", { type: type.type })}
        </button>
      )}
      <button type="button" onClick={close}>
        {t("close")}
      </button>
    </div>
  );
}
