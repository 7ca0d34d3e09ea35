/** What becomes of messages on each way, as the runtime computes it. */

import { useT } from "../i18n/t";

export function Delivery({ lines, to }: { lines: Record<string, string>; to?: string }) {
  const t = useT();
  const shown = Object.entries(lines).filter(([way]) => !to || way.endsWith(` → ${to}`));
  if (shown.length === 0) return null;
  return (
    <section>
      <h3>{t("flow.delivery")}</h3>
      <dl className="sentences">
        {shown.map(([way, words]) => (
          <div key={way}>
            <dt>{way}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
