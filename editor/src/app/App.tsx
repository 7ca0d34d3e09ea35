/** The whole page: state on top, palette left, drawing, one panel right, a drawer below. */

import { Canvas } from "../canvas/Canvas";
import { Dialogs } from "../dialogs/Dialogs";
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
        </main>
        <SidePanel />
      </div>
      <Drawer />
      <Notices />
      <Dialogs />
    </div>
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
