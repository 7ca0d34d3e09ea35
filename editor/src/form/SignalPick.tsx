/** Signals are picked from what reaches the node: by name, message or unit, with range and live value. */

import { useState } from "react";
import type { SignalInfo } from "../api/types";
import { useStore } from "../app/store";
import { liveValue } from "../app/useLiveValue";
import { useT } from "../i18n/t";
import { formatValue } from "../model/format";
import { rangeWords, resolve, searchSignals, written } from "../model/signals";
import { Picker } from "../panels/Picker";
import { useFormPlace } from "./place";

interface SignalPickProps {
  id: string;
  value: string;
  onPick: (signal: string) => void;
  /** What the button says where nothing is picked yet. */
  label?: string;
}

type Choice = { signal: SignalInfo } | { typed: string };

export function SignalPick({ id, value, onPick, label }: SignalPickProps) {
  const t = useT();
  const [text, setText] = useState<string | null>(null);
  const { signals, id: node } = useFormPlace();
  const picked = resolve(value, signals);
  if (text === null) {
    return (
      <button
        type="button"
        id={id}
        className="pick"
        aria-haspopup="listbox"
        onClick={() => setText("")}
      >
        <span className={value === "" ? "muted" : ""}>
          {value || label || t("form.pickSignal")}
        </span>
        <small>{picked ? rangeWords(picked) : ""}</small>
      </button>
    );
  }
  const pick = (choice: Choice) => {
    setText(null);
    onPick("signal" in choice ? written(choice.signal, signals) : choice.typed);
  };
  return (
    <Picker<Choice>
      label={t("form.pickSignal")}
      placeholder={t("form.searchSignal")}
      text={text}
      onText={setText}
      items={choices(text, signals)}
      keyOf={(choice) =>
        "signal" in choice ? `${choice.signal.source}.${choice.signal.name}` : "typed"
      }
      render={(choice) =>
        "signal" in choice ? (
          <SignalLine signal={choice.signal} node={node} />
        ) : (
          <span>{t("form.asTyped", { text: choice.typed })}</span>
        )
      }
      onPick={pick}
      onClose={() => setText(null)}
      empty={t(signals.length === 0 ? "form.noSignals" : "quick.nothing")}
    />
  );
}

function SignalLine({ signal, node }: { signal: SignalInfo; node: string }) {
  const value = useStore((state) => liveValue(state, node, signal));
  return (
    <>
      <span title={signal.comment}>
        <b>{signal.name}</b>
        {value !== undefined && (
          <span className="live">
            {formatValue(value)} {signal.unit}
          </span>
        )}
      </span>
      <small>{[rangeWords(signal), signal.source].filter(Boolean).join(" · ")}</small>
    </>
  );
}

/** What fits; text that names no signal can be taken as it stands. */
function choices(text: string, signals: readonly SignalInfo[]): Choice[] {
  const found: Choice[] = searchSignals(text, signals).map((signal) => ({ signal }));
  const typed = text.trim();
  const isKnown = resolve(typed, signals) !== undefined;
  return typed === "" || isKnown ? found : [...found, { typed }];
}
