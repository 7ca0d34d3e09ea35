/** Every problem the runtime finds in the drawing; a click goes where it is. */

import { canvas } from "../app/canvasHandle";
import { activeTab, change, useStore } from "../app/store";
import { usePlacedProblems } from "../canvas/problems";
import { useT } from "../i18n/t";
import type { Place } from "../model/place";

export function ProblemsPanel() {
  const t = useT();
  const problems = usePlacedProblems();
  const checking = useStore((state) => activeTab(state)?.checking ?? false);
  const errors = useStore((state) => state.gateway.flows[state.active]?.problems);
  return (
    <>
      <h2>{t("panel.problems")}</h2>
      {problems.length === 0 && !checking && <p className="good-words">{t("problems.none")}</p>}
      <ul className="plain">
        {problems.map(({ place, sentence, at }) => (
          <li key={`${place} ${sentence}`}>
            <button type="button" className="problem-line" onClick={() => goTo(at)}>
              <code>{place}</code>
              {sentence}
            </button>
          </li>
        ))}
      </ul>
      {errors && errors.length > 0 && (
        <>
          <h3>{t("problems.running")}</h3>
          <ul className="plain">
            {errors.map((error) => (
              <li key={error}>{error}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** Show what a problem is about. */
export function goTo(at: Place): void {
  if (at.node !== undefined) {
    change({ selection: { nodes: [at.node], wires: [] }, panel: "settings" });
    canvas.reveal(at.node);
  } else if (at.wire !== undefined) {
    change({ selection: { nodes: [], wires: [at.wire] }, panel: "settings" });
    canvas.reveal(at.wire.split(">")[0]?.split(".")[0] ?? "");
  } else if (at.resource !== undefined) change({ panel: "resources" });
}
