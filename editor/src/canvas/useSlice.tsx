/** Cutting wires: a line drawn with Alt held cuts every wire that it crosses. */

import { type PointerEvent, useRef, useState } from "react";
import { edit } from "../app/editing";
import { wireUnder } from "../app/placing";
import { remove } from "../model/edit";

interface Spot {
  x: number;
  y: number;
}

/** Pixels between two looks along the line, so that a fast hand misses no wire. */
const STEP = 6;

export function useSlice() {
  const [line, setLine] = useState<Spot[]>([]);
  const cut = useRef(new Set<string>());
  const active = line.length > 0;

  const handlers = {
    onPointerDownCapture: (event: PointerEvent) => {
      if (!event.altKey || event.button !== 0) return;
      event.stopPropagation();
      event.preventDefault();
      cut.current = new Set();
      setLine([{ x: event.clientX, y: event.clientY }]);
    },
    onPointerMoveCapture: (event: PointerEvent) => {
      const from = line.at(-1);
      if (!from) return;
      event.stopPropagation();
      const to = { x: event.clientX, y: event.clientY };
      for (const key of crossed(from, to)) cut.current.add(key);
      setLine([...line, to]);
    },
    onPointerUpCapture: () => {
      if (!active) return;
      setLine([]);
      if (cut.current.size > 0) {
        edit((draft) => remove(draft, { nodes: [], wires: [...cut.current] }));
      }
    },
  };
  const drawn = active && (
    <svg className="slice" aria-hidden="true">
      <polyline points={line.map(({ x, y }) => `${x},${y}`).join(" ")} />
    </svg>
  );
  return { handlers, line: drawn };
}

function crossed(from: Spot, to: Spot): string[] {
  const looks = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / STEP));
  const found: string[] = [];
  for (let n = 0; n <= looks; n++) {
    const key = wireUnder(
      from.x + ((to.x - from.x) * n) / looks,
      from.y + ((to.y - from.y) * n) / looks,
    );
    if (key) found.push(key);
  }
  return found;
}
