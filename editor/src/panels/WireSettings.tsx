/** A wire: what it carries, and its queue where one stands at its end. */

import type { JournalState } from "../api/types";
import { runAction } from "../app/actions";
import { edit } from "../app/editing";
import { activeDraft, activeTab, useStore } from "../app/store";
import { firstOutput } from "../app/watching";
import { WireValues } from "../canvas/WireValues";
import { DraftInput } from "../form/DraftInput";
import { useT } from "../i18n/t";
import { setWire } from "../model/edit";
import { splitEnd, type WireSpec, wireKey, wiresOf } from "../model/flow";
import { formatBytes } from "../model/format";
import { Delivery } from "./Delivery";

const NONE = {};

/** The policies of a full queue, as the flow file names them. */
const OVERFLOWS = ["block", "drop-oldest", "drop-newest", "latest", "thin", "spill"];

export function WireSettings({ wire: key }: { wire: string }) {
  const t = useT();
  const wire = useStore((state) => {
    const document = activeDraft(state)?.document;
    return document && wiresOf(document).find((one) => wireKey(one) === key);
  });
  const pinned = useStore((state) => activeDraft(state)?.layout.pins.includes(key) ?? false);
  const delivery = useStore(activeTab)?.delivery ?? NONE;
  if (!wire) return null;
  return (
    <>
      <h2>
        {wire.from} → {wire.to}
      </h2>
      <Carried wire={wire} />
      <Queue wire={wire} />
      <Delivery lines={delivery} to={splitEnd(wire.to).node} />
      <div className="row">
        <button type="button" aria-pressed={pinned} onClick={() => runAction("action.pin")}>
          {t(pinned ? "wire.unpin" : "action.pin")}
        </button>
        <button type="button" onClick={() => runAction("action.remove")}>
          {t("action.remove")}
        </button>
      </div>
    </>
  );
}

/** What goes through it now, its rate, and what waits or was dropped at its end. */
function Carried({ wire }: { wire: WireSpec }) {
  const t = useT();
  const from = splitEnd(wire.from);
  const to = splitEnd(wire.to).node;
  const port = useStore((state) => {
    const type = activeDraft(state)?.document.nodes[from.node]?.type ?? "";
    return from.port || firstOutput(state, type);
  });
  const queue = useStore((state) =>
    state.gateway.flows[state.active]?.wires?.find(
      (one) => splitEnd(one.from).node === from.node && splitEnd(one.to).node === to,
    ),
  );
  return (
    <section className="carried">
      <WireValues source={from.node} target={to} port={port} />
      {queue && (
        <dl className="figures">
          <div>
            <dt>{t("wire.queued", { queued: queue.queued, capacity: queue.capacity })}</dt>
            <dd>{t("wire.peak", { peak: queue.peak })}</dd>
          </div>
          {queue.journal && <Journal journal={queue.journal} />}
          {queue.dropped > 0 && (
            <div>
              <dt>{t("wire.dropped")}</dt>
              <dd>{queue.dropped}</dd>
            </div>
          )}
        </dl>
      )}
    </section>
  );
}

/** How full its journal is, how much was ever written, and what is wrong with it. */
function Journal({ journal }: { journal: JournalState }) {
  const t = useT();
  const lines: [string, string][] = [
    [t("journal.fill"), `${formatBytes(journal.bytes)} / ${formatBytes(journal.limit)}`],
    [t("journal.written"), formatBytes(journal.written)],
    ...(journal.quarantined ? [line(t("journal.quarantined"), journal.quarantined)] : []),
    ...(journal.damaged ? [line(t("journal.damaged"), journal.damaged)] : []),
    ...(journal.trouble ? [line(t("journal.trouble"), journal.trouble)] : []),
  ];
  return lines.map(([name, value]) => (
    <div key={name}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  ));
}

function line(name: string, value: string | number): [string, string] {
  return [name, String(value)];
}

function Queue({ wire }: { wire: WireSpec }) {
  const t = useT();
  const { overflow, capacity, journal } = wire;
  const set = (queue: Pick<WireSpec, "overflow" | "capacity" | "journal">) =>
    edit((draft) => setWire(draft, wireKey(wire), queue), `wire ${wireKey(wire)}`);
  const kept = {
    ...(overflow === undefined ? {} : { overflow }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(journal === undefined ? {} : { journal }),
  };
  return (
    <div className="form">
      <div className="field">
        <label htmlFor="wire-overflow">{t("wire.overflow")}</label>
        <select
          id="wire-overflow"
          value={overflow ?? ""}
          onChange={(event) => {
            const { overflow: _was, journal: _its, ...rest } = kept;
            set(event.target.value ? { ...rest, overflow: event.target.value } : rest);
          }}
        >
          <option value="">{t("wire.usual")}</option>
          {OVERFLOWS.map((policy) => (
            <option key={policy} value={policy}>
              {policy}
            </option>
          ))}
        </select>
        <p className="help">{t("wire.overflowHelp")}</p>
      </div>
      <div className="field">
        <label htmlFor="wire-capacity">{t("wire.capacity")}</label>
        <DraftInput
          id="wire-capacity"
          inputMode="numeric"
          value={capacity === undefined ? "" : String(capacity)}
          onText={(text) => {
            const { capacity: _was, ...rest } = kept;
            if (text === "") set(rest);
            else if (/^\d+$/.test(text)) set({ ...rest, capacity: Number(text) });
          }}
        />
        <p className="help">{t("wire.capacityHelp")}</p>
      </div>
      {overflow === "spill" && (
        <JournalForm journal={journal ?? {}} onChange={(changed) => set({ ...kept, ...changed })} />
      )}
    </div>
  );
}

/** What a journal is set to most often; the rest is written in the file. */
function JournalForm({
  journal,
  onChange,
}: {
  journal: Record<string, unknown>;
  onChange: (changed: Pick<WireSpec, "journal">) => void;
}) {
  const t = useT();
  const put = (key: string, value: unknown) => {
    const { [key]: _was, ...rest } = journal;
    onChange({ journal: value === "" ? rest : { ...rest, [key]: value } });
  };
  return (
    <>
      <div className="field">
        <label htmlFor="journal-limit">{t("journal.limit")}</label>
        <DraftInput
          id="journal-limit"
          inputMode="decimal"
          value={journal.limit_mb === undefined ? "" : String(journal.limit_mb)}
          onText={(text) => {
            if (text === "" || Number(text) >= 1) put("limit_mb", text && Number(text));
          }}
        />
        <p className="help">{t("journal.limitHelp")}</p>
      </div>
      <div className="field">
        <label htmlFor="journal-drain">{t("journal.drain")}</label>
        <select
          id="journal-drain"
          value={journal.drain === "live-first" ? "live-first" : ""}
          onChange={(event) => put("drain", event.target.value)}
        >
          <option value="">{t("journal.oldestFirst")}</option>
          <option value="live-first">{t("journal.liveFirst")}</option>
        </select>
      </div>
    </>
  );
}
