/** What a search finds in the other flows of the gateway. */

import { useEffect, useMemo, useState } from "react";
import { tell } from "../app/beginning";
import { canvas } from "../app/canvasHandle";
import { readDocument, show } from "../app/loading";
import { change, useStore } from "../app/store";
import { useT } from "../i18n/t";
import type { FlowDocument } from "../model/flow";
import { title } from "../model/format";
import { searchAll } from "../model/search";

/** Milliseconds after which another flow is drawn. */
const DRAWN_AFTER = 120;

export function FoundElsewhere({ query }: { query: string }) {
  const t = useT();
  const documents = useOthers();
  const { hits, more } = useMemo(() => searchAll(documents, query), [documents, query]);
  if (hits.length === 0) return null;
  return (
    <ul className="find-others scroll" aria-label={t("find.others")}>
      {hits.map(({ flow, node }) => (
        <li key={`${flow}/${node}`}>
          <button type="button" onClick={() => void go(flow, node).catch(tell)}>
            <b>{flow}</b> {title(node)}
          </button>
        </li>
      ))}
      {more > 0 && <li className="muted">{t("find.more", { count: more })}</li>}
    </ul>
  );
}

/** The other flows: as they are drawn where they are open, else as the gateway has them. */
function useOthers(): FlowDocument[] {
  const order = useStore((state) => state.order);
  const active = useStore((state) => state.active);
  const [documents, setDocuments] = useState<FlowDocument[]>([]);
  useEffect(() => {
    let gone = false;
    const others = order.filter((name) => name !== active);
    Promise.all(others.map(readDocument)).then((read) => {
      if (!gone) setDocuments(read.flatMap((document) => document ?? []));
    }, tell);
    return () => {
      gone = true;
    };
  }, [order, active]);
  return documents;
}

async function go(flow: string, node: string): Promise<void> {
  await show(flow);
  change({ find: null, selection: { nodes: [node], wires: [] } });
  window.setTimeout(() => canvas.reveal(node), DRAWN_AFTER);
}
