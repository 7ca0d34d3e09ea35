/** Finding nodes: what fits is selected, Enter goes from one to the next. */

import { useEffect, useMemo, useState } from "react";
import { canvas } from "../app/canvasHandle";
import { changesOf } from "../app/deploying";
import { activeTab, change, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { changedNodes } from "../model/diff";
import { search } from "../model/search";
import { FoundElsewhere } from "./FoundElsewhere";
import { usePlacedProblems } from "./problems";

export function FindBar() {
  const find = useStore((state) => state.find);
  return find === null ? null : <Bar query={find} />;
}

function Bar({ query }: { query: string }) {
  const t = useT();
  const tab = useStore(activeTab);
  const problems = usePlacedProblems();
  const [at, setAt] = useState(0);
  const found = useMemo(() => {
    if (!tab || query.trim() === "") return [];
    const facts = {
      problems: new Set(problems.flatMap((problem) => problem.at.node ?? [])),
      changed: changedNodes(changesOf(tab).logic),
    };
    return search(tab.history.present.document, query, facts);
  }, [tab, query, problems]);

  useEffect(() => {
    if (query.trim() !== "") change({ selection: { nodes: found, wires: [] } });
  }, [found, query]);

  const go = () => {
    const id = found[at % found.length];
    if (id === undefined) return;
    canvas.reveal(id);
    setAt(at + 1);
  };
  return (
    <search className="find-bar">
      <input
        // biome-ignore lint/a11y/noAutofocus: the bar was called to be typed into
        autoFocus
        aria-label={t("find.label")}
        placeholder={t("find.placeholder")}
        value={query}
        onChange={(event) => {
          setAt(0);
          change({ find: event.target.value });
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") go();
        }}
      />
      <span role="status">
        {query.trim() === "" ? "" : t("find.count", { count: found.length })}
      </span>
      <button type="button" aria-label={t("close")} onClick={() => change({ find: null })}>
        ×
      </button>
      <FoundElsewhere query={query} />
    </search>
  );
}
