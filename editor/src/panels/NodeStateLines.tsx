/** How a node runs: its state, counters, drops by reason, figures of its own. */

import { useStore } from "../app/store";
import { useT } from "../i18n/t";
import { formatValue } from "../model/format";

export function NodeStateLines({ id }: { id: string }) {
  const t = useT();
  const node = useStore((state) => state.gateway.flows[state.active]?.nodes?.[id]);
  if (!node) return null;
  const lines: [string, string][] = [
    [t("state.status"), node.status || t(node.ok ? "state.ok" : "state.notOk")],
    [t("state.received"), String(node.received)],
    [t("state.sent"), String(node.sent)],
    [t("state.errors"), String(node.errors)],
    ...Object.entries(node.drops).map(([reason, count]): [string, string] => [
      t("state.dropped", { reason }),
      String(count),
    ]),
    ...Object.entries(node.figures ?? {}).map(([name, value]): [string, string] => [
      name.replace(/_/g, " "),
      formatValue(value),
    ]),
  ];
  return (
    <details>
      <summary>{t("state.title")}</summary>
      <dl className="figures">
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
