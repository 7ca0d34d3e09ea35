/** Type, and a node is there: also where a wire was let go, and to connect by keyboard. */

import { useMemo, useState } from "react";
import { edit } from "../app/editing";
import { freeSpot, place } from "../app/placing";
import { activeDraft, change, type QuickAdd, read, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { connect } from "../model/edit";
import { title } from "../model/format";
import { firstSentence, type NodeType } from "../model/nodeType";
import { carried, overlap, portOf, targetsFor } from "../model/wiring";
import { Picker } from "../panels/Picker";
import { TypeLine } from "./Card";

export function QuickAddBox() {
  const quickAdd = useStore((state) => state.quickAdd);
  return quickAdd && <Box key={`${quickAdd.screen.x} ${quickAdd.screen.y}`} quickAdd={quickAdd} />;
}

type Choice = { type: NodeType } | { target: { node: string; input: string } };

function Box({ quickAdd }: { quickAdd: QuickAdd }) {
  const t = useT();
  const [text, setText] = useState(quickAdd.text);
  const choices = useMemo(() => choicesFor(quickAdd, text), [quickAdd, text]);
  const left = Math.min(quickAdd.screen.x, window.innerWidth - 340);
  const top = Math.min(quickAdd.screen.y, window.innerHeight - 360);
  return (
    <div className="quick-add" style={{ left, top }}>
      <Picker
        label={t("quick.label")}
        placeholder={t(quickAdd.from ? "quick.behind" : "quick.placeholder")}
        text={text}
        onText={setText}
        items={choices}
        keyOf={(choice) =>
          "type" in choice ? choice.type.type : `→${choice.target.node}.${choice.target.input}`
        }
        render={(choice) =>
          "type" in choice ? (
            <>
              <TypeLine type={choice.type} />
              <small>{firstSentence(choice.type.help)}</small>
            </>
          ) : (
            <>
              <span>→ {title(choice.target.node)}</span>
              <small>{t("quick.wireTo")}</small>
            </>
          )
        }
        onPick={(choice) => pick(choice, quickAdd)}
        onClose={() => change({ quickAdd: null })}
        empty={t("quick.nothing")}
      />
    </div>
  );
}

function pick(choice: Choice, { at, from }: QuickAdd): void {
  change({ quickAdd: null });
  if ("type" in choice) place(choice.type, freeSpot(activeDraft(), at), { from });
  else if (from) {
    const ends = { source: from.node, output: from.port, ...renamed(choice.target) };
    edit((draft) => connect(draft, read().types, ends));
  }
}

const renamed = ({ node, input }: { node: string; input: string }) => ({ target: node, input });

function choicesFor({ from }: QuickAdd, text: string): Choice[] {
  const { types } = read();
  const draft = activeDraft();
  const fits = (words: string) => words.toLowerCase().includes(text.toLowerCase());
  const targets: Choice[] = [];
  let usable = Object.values(types).filter((type) => type.role !== "resource" && !type.install);
  if (from && draft) {
    const output = portOf(
      types[draft.document.nodes[from.node]?.type ?? ""]?.outputs ?? [],
      from.port,
    );
    const kinds = output ? carried(draft.document, types, from.node, output) : [];
    usable = usable.filter((type) => type.inputs[0] && overlap(kinds, type.inputs[0].kinds));
    targets.push(
      ...targetsFor(draft.document, types, from.node, from.port)
        .filter(({ node }) => fits(node))
        .map((target) => ({ target })),
    );
  }
  const found = usable
    .filter((type) => fits(type.type) || fits(firstSentence(type.help)))
    .sort((a, b) => rank(a, text) - rank(b, text));
  return [...found.map((type) => ({ type })), ...targets].slice(0, 40);
}

/** Names that begin with the text before names that hold it, and those before help that does. */
function rank(type: NodeType, text: string): number {
  const name = type.type.split("/")[1] ?? "";
  const wanted = text.toLowerCase();
  if (name.startsWith(wanted)) return 0;
  return type.type.includes(wanted) ? 1 : 2;
}
