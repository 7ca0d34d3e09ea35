/** Flows that teach; each opens as a new flow of one's own. */

import { useEffect, useState } from "react";
import * as gateway from "../api/gateway";
import { tell } from "../app/beginning";
import { create } from "../app/loading";
import { change } from "../app/store";
import { useT } from "../i18n/t";
import { Modal } from "./Modal";

type Listed = Awaited<ReturnType<typeof gateway.examples>>;

export function ExamplesDialog() {
  const t = useT();
  const [examples, setExamples] = useState<Listed>([]);
  useEffect(() => {
    gateway.examples().then(setExamples, tell);
  }, []);
  const open = async (name: string) => {
    const [document, layout] = await Promise.all([
      gateway.example(name),
      gateway.exampleLayout(name),
    ]);
    change({ dialog: null });
    create(document, layout);
  };
  return (
    <Modal title={t("action.examples")} wide>
      <p className="muted">{t("examples.help")}</p>
      <ul className="examples scroll">
        {examples.map(({ name, description }) => (
          <li key={name}>
            <button type="button" onClick={() => void open(name).catch(tell)}>
              <b>{name}</b>
              <span>{description}</span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
