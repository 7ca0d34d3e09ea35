/** Help for the selected node: what it does, ports, settings, and examples to take over. */

import Markdown from "markdown-to-jsx/react";
import type { MessageRecord } from "../api/types";
import { edit } from "../app/editing";
import { activeDraft, change, useStore } from "../app/store";
import { useT } from "../i18n/t";
import { setSettings } from "../model/edit";
import { formatMessage } from "../model/format";
import type { Example, NodeType } from "../model/nodeType";
import { words } from "../model/wiring";

export function HelpPanel() {
  const t = useT();
  const id = useStore((state) =>
    state.selection.nodes.length === 1 ? state.selection.nodes[0] : "",
  );
  const type = useStore(
    (state) => state.types[activeDraft(state)?.document.nodes[id ?? ""]?.type ?? ""],
  );
  if (!type || !id) return <FirstHelp />;
  return (
    <>
      <h2>{type.type}</h2>
      <Markdown options={{ disableParsingRawHTML: true }}>{type.help}</Markdown>
      <Ports title={t("help.inputs")} ports={type.inputs} />
      <Ports title={t("help.outputs")} ports={type.outputs} />
      <Settings type={type} />
      {type.examples.length > 0 && <h3>{t("help.examples")}</h3>}
      {type.examples.map((example) => (
        <ExampleBox key={example.title} example={example} node={id} />
      ))}
    </>
  );
}

function FirstHelp() {
  const t = useT();
  return (
    <>
      <h2>{t("help.title")}</h2>
      <ol>
        <li>{t("empty.source")}</li>
        <li>{t("empty.wire")}</li>
        <li>{t("empty.deploy")}</li>
      </ol>
      <p className="muted">{t("help.select")}</p>
      <div className="row">
        <button type="button" onClick={() => change({ dialog: { kind: "keys" } })}>
          {t("action.keys")}
        </button>
        <button type="button" onClick={() => change({ dialog: { kind: "examples" } })}>
          {t("action.examples")}
        </button>
      </div>
    </>
  );
}

function Ports({ title, ports }: { title: string; ports: NodeType["inputs"] }) {
  if (ports.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <dl className="ports">
        {ports.map((port) => (
          <div key={port.name}>
            <dt>
              <span
                className={`port-mark kind-${port.kinds.length === 1 ? port.kinds[0] : "any"}`}
              />
              {port.name} <small>{words(port.kinds)}</small>
            </dt>
            <dd>{port.help}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Settings({ type }: { type: NodeType }) {
  const t = useT();
  const settings = Object.entries(type.settings.properties ?? {});
  if (settings.length === 0) return null;
  return (
    <details>
      <summary>{t("help.settings")}</summary>
      <dl className="ports">
        {settings.map(([name, setting]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
              {setting.default !== undefined && (
                <small>{t("help.default", { value: JSON.stringify(setting.default) })}</small>
              )}
            </dt>
            <dd>{setting.description}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const MOST_MESSAGES = 6;

function ExampleBox({ example, node }: { example: Example; node: string }) {
  const t = useT();
  const { type: _type, ...settings } = example.node;
  return (
    <article className="example">
      <h4>{example.title}</h4>
      <pre>{JSON.stringify(settings, null, 1)}</pre>
      <Messages title={t("help.in")} messages={example.given} />
      <Messages title={t("help.out")} messages={example.expect} />
      <button type="button" onClick={() => edit((draft) => setSettings(draft, node, settings))}>
        {t("help.take")}
      </button>
    </article>
  );
}

function Messages({ title, messages }: { title: string; messages: unknown[] }) {
  if (messages.length === 0) return null;
  return (
    <>
      <h5>{title}</h5>
      <ul className="messages">
        {messages.slice(0, MOST_MESSAGES).map((message, index) => {
          const record = message as MessageRecord;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list
            <li key={index}>
              <small>{record.time} s</small> {formatMessage(record)}
            </li>
          );
        })}
      </ul>
    </>
  );
}
