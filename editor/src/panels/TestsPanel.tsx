/** The flow's tests, run against the drawing; a failure leads to the node and wire it is about. */

import { Suspense, useEffect, useState } from "react";
import * as gateway from "../api/gateway";
import type { TestFailure, TestOutcome } from "../api/types";
import { useRefusal } from "../app/access";
import { canvas } from "../app/canvasHandle";
import { later } from "../app/later";
import { activeDraft, activeTab, change, notify, read, useStore } from "../app/store";
import { testNow } from "../app/testing";
import { useT } from "../i18n/t";
import { splitEnd, wireKey, wiresOf } from "../model/flow";

const JsonEditor = later(() => import("./JsonEditor"));

export function TestsPanel() {
  const t = useT();
  const run = useStore((state) => state.tests[state.active]);
  const isStored = useStore((state) => activeTab(state)?.etag != null);
  return (
    <>
      <h2>{t("panel.tests")}</h2>
      <p className="muted">{t("tests.help")}</p>
      <button type="button" disabled={run?.busy} onClick={() => void testNow()}>
        {t(run?.busy ? "tests.busy" : "tests.run")}
      </button>
      {run?.error && (
        <p className="field-error" role="alert">
          {run.error}
        </p>
      )}
      {run && !run.busy && !run.error && run.outcomes.length === 0 && (
        <p className="muted">{t("tests.none")}</p>
      )}
      <ul className="plain outcomes" aria-live="polite">
        {run?.outcomes.map((outcome) => (
          <Outcome key={outcome.name} outcome={outcome} />
        ))}
      </ul>
      {isStored && <TestsAsText />}
    </>
  );
}

function Outcome({ outcome }: { outcome: TestOutcome }) {
  const t = useT();
  return (
    <li className={outcome.passed ? "passed" : "failed"}>
      <b>
        <span aria-hidden="true">{outcome.passed ? "✓" : "✗"}</span> {outcome.name}
      </b>{" "}
      <small>
        {t("tests.took", { given: outcome.given, seconds: outcome.seconds.toFixed(2) })}
      </small>
      {outcome.error && <p className="field-error">{outcome.error}</p>}
      {outcome.failures.map((failure) => (
        <button
          type="button"
          className="problem-line"
          key={failure.sentence}
          onClick={() => showFailure(failure)}
        >
          {failure.node && <code>{failure.node}</code>}
          {failure.sentence}
        </button>
      ))}
    </li>
  );
}

/** Select the node whose output was not as expected, and the wires that leave it. */
function showFailure({ node, port }: TestFailure): void {
  const document = activeDraft()?.document;
  const id = node?.split("/")[0];
  if (!document || id === undefined || !document.nodes[id]) return;
  const wires = wiresOf(document).filter((wire) => {
    const from = splitEnd(wire.from);
    return from.node === id && (!port || from.port === "" || from.port === port);
  });
  change({ selection: { nodes: [id], wires: wires.map(wireKey) } });
  canvas.reveal(id);
}

function TestsAsText() {
  const t = useT();
  const name = useStore((state) => state.active);
  const [document, setDocument] = useState<unknown>(null);
  const [open, setOpen] = useState(false);
  const [dirty, setDirty] = useState(false);
  const refusal = useRefusal("integrator");
  useEffect(() => {
    if (!open) return;
    setDirty(false);
    gateway.tests(name).then(setDocument, (error: Error) => notify("bad", error.message));
  }, [name, open]);
  const save = async () => {
    try {
      await gateway.putTests(read().active, document);
      setDirty(false);
      await testNow();
    } catch (error) {
      notify("bad", (error as Error).message);
    }
  };
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("tests.edit")}</summary>
      {open && document !== null && (
        <Suspense fallback={null}>
          <JsonEditor
            key={name}
            label={t("tests.edit")}
            value={document}
            onValue={(value) => {
              setDocument(value);
              setDirty(true);
            }}
          />
          <button
            type="button"
            disabled={!dirty || refusal !== ""}
            title={refusal || undefined}
            onClick={() => void save()}
          >
            {t("tests.save")}
          </button>
        </Suspense>
      )}
    </details>
  );
}
