/** A frame around some nodes, with a title; moving it moves them. */

import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { edit } from "../app/editing";
import { activeDraft, useStore } from "../app/store";
import { useT } from "../i18n/t";

/** Letters for which a title has room at least; the rest of the line is where the group is taken. */
const SHORTEST = 12;

export const GroupNode = memo(function GroupNode({ id, selected }: NodeProps) {
  const t = useT();
  const group = useStore((s) => activeDraft(s)?.layout.groups.find((one) => one.id === id));
  if (!group) return null;
  return (
    <div className={`group ${selected ? "selected" : ""}`}>
      <input
        className="nodrag"
        aria-label={t("group.title")}
        placeholder={t("group.title")}
        value={group.title}
        size={Math.max(SHORTEST, group.title.length)}
        onChange={(event) => retitle(id, event.target.value)}
      />
    </div>
  );
});

function retitle(id: string, title: string): void {
  edit((draft) => {
    const groups = draft.layout.groups.map((one) => (one.id === id ? { ...one, title } : one));
    return { ...draft, layout: { ...draft.layout, groups } };
  }, `group ${id}`);
}
