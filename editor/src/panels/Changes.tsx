/** A list of differences: what was, and what is. */

import { useT } from "../i18n/t";
import type { Change } from "../model/diff";

const SIGN = { added: "+", removed: "−", changed: "~" };

export function Changes({ changes, none }: { changes: readonly Change[]; none: string }) {
  const t = useT();
  if (changes.length === 0) return <p className="muted">{none}</p>;
  return (
    <ul className="changes">
      {changes.map((change) => (
        <li key={`${change.kind} ${change.place}`} className={change.kind}>
          <b title={t(`change.${change.kind}`)}>{SIGN[change.kind]}</b> <code>{change.place}</code>
          <Details change={change} />
        </li>
      ))}
    </ul>
  );
}

/** Of a changed object only the settings that differ; of others what it is. */
function Details({ change }: { change: Change }) {
  const lines = settingsOf(change);
  return (
    <ul>
      {lines.map(({ name, before, after }) => (
        <li key={name}>
          {name && <span>{name}: </span>}
          {before !== undefined && <del>{before}</del>} {after !== undefined && <ins>{after}</ins>}
        </li>
      ))}
    </ul>
  );
}

interface Line {
  name: string;
  before: string | undefined;
  after: string | undefined;
}

function settingsOf({ before, after }: Change): Line[] {
  if (!isObject(before) || !isObject(after)) {
    return [{ name: "", before: brief(before), after: brief(after) }];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .map((name) => ({ name, before: brief(before[name]), after: brief(after[name]) }))
    .filter((line) => line.before !== line.after);
}

const LONGEST = 160;

function brief(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
