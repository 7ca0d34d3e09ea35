/** The whole page: state on top, palette left, drawing, one panel right, a drawer below. */

import { Canvas } from "../canvas/Canvas";
import { Dialogs } from "../dialogs/Dialogs";
import { Debug } from "../drawer/Debug";
import { Drawer } from "../drawer/Drawer";
import { Connection } from "../frame/Connection";
import { EmptyFlow, NoFlow } from "../frame/Empty";
import { Notices } from "../frame/Notices";
import { Palette } from "../frame/Palette";
import { SafeMode } from "../frame/SafeMode";
import { Tabs } from "../frame/Tabs";
import { TopBar } from "../frame/TopBar";
import { useT } from "../i18n/t";
import { SidePanel } from "../panels/SidePanel";
import { ONLY_DEBUG } from "./popOut";
import { activeDraft, useStore } from "./store";

export function App() {
  const t = useT();
  const ready = useStore((state) => state.ready);
  const failed = useStore((state) => state.failed);
  if (!ready) {
    return (
      <main className="starting">
        <p role="status">{failed ? t("start.failed", { reason: failed }) : t("start.loading")}</p>
        <Dialogs />
      </main>
    );
  }
  if (ONLY_DEBUG) return <DebugWindow />;
  return (
    <div className="app">
      <TopBar />
      <Connection />
      <SafeMode />
      <div className="middle">
        <Palette />
        <main className="work">
          <Tabs />
          <Drawing />
          <Notices />
        </main>
        <SidePanel />
      </div>
      <Drawer />
      <Dialogs />
    </div>
  );
}

/** The messages alone, in a window of their own. */
function DebugWindow() {
  const t = useT();
  const active = useStore((state) => state.active);
  return (
    <main className="debug-window work">
      <Connection />
      <h1>
        {active} <small>{t("drawer.debug")}</small>
      </h1>
      <div className="drawer-body">
        <Debug />
      </div>
      <Notices />
      <Dialogs />
    </main>
  );
}

function Drawing() {
  const active = useStore((state) => state.active);
  const empty = useStore(
    (state) => Object.keys(activeDraft(state)?.document.nodes ?? {}).length === 0,
  );
  if (!active) return <NoFlow />;
  return (
    <section className="drawing" id="drawing" aria-label={active}>
      <Canvas />
      {empty && <EmptyFlow />}
    </section>
  );
}
