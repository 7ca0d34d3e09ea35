/** What is selected, and how it is set: a node, a wire, several nodes, or the flow itself. */

import { activeDraft, useStore } from "../app/store";
import { FlowSettings } from "./FlowSettings";
import { ManySettings } from "./ManySettings";
import { NodeSettings } from "./NodeSettings";
import { WireSettings } from "./WireSettings";

export function SettingsPanel() {
  const { nodes, wires } = useStore((state) => state.selection);
  const document = useStore((state) => activeDraft(state)?.document);
  const [only] = nodes;
  if (!document) return null;
  if (nodes.length === 1 && only !== undefined && document.nodes[only]) {
    return <NodeSettings key={only} id={only} />;
  }
  if (nodes.length > 1) return <ManySettings />;
  if (wires.length === 1 && wires[0] !== undefined) return <WireSettings wire={wires[0]} />;
  return <FlowSettings />;
}
