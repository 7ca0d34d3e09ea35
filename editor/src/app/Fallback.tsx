/** A fault of the page itself: said in words, with the drawing still kept in the browser. */

import { Component, type ReactNode } from "react";
import { t } from "../i18n/t";

interface Props {
  children: ReactNode;
}

export class Fallback extends Component<Props, { fault: string }> {
  override state = { fault: "" };

  static getDerivedStateFromError(error: unknown) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    if (this.state.fault === "") return this.props.children;
    return (
      <main className="starting">
        <p role="alert">{t("start.fault", { fault: this.state.fault })}</p>
        <button type="button" className="primary" onClick={() => location.reload()}>
          {t("start.reload")}
        </button>
      </main>
    );
  }
}
