/** The bits of a frame, a row for each byte, bit 7 on the left; each signal in its colour. */

import type { DatabaseMessage } from "../api/types";
import { useT } from "../i18n/t";

/** A colour of its own for each signal of a message, told apart by hue. */
export function colourOf(index: number): string {
  return `hsl(${(index * 67 + 200) % 360} 60% 55%)`;
}

const CELL = { width: 30, height: 22 };
const HEAD = 26;

export function BitLayout({ message }: { message: DatabaseMessage }) {
  const t = useT();
  const rows = Math.max(1, message.length);
  const width = HEAD + 8 * CELL.width;
  const height = 16 + rows * CELL.height;
  return (
    <svg
      className="bits"
      role="img"
      aria-label={t("database.layout", { name: message.name })}
      viewBox={`0 0 ${width} ${height}`}
      style={{ width, height }}
    >
      {[7, 6, 5, 4, 3, 2, 1, 0].map((bit, column) => (
        <text key={bit} x={HEAD + column * CELL.width + CELL.width / 2} y={11}>
          {bit}
        </text>
      ))}
      {Array.from({ length: rows }, (_, byte) => byte).map((byte) => (
        <g key={byte}>
          <text x={HEAD / 2} y={16 + byte * CELL.height + 15}>
            {byte}
          </text>
          {[0, 1, 2, 3, 4, 5, 6, 7].map((column) => (
            <rect key={column} className="bit" {...spot(byte * 8 + 7 - column)} />
          ))}
        </g>
      ))}
      {message.signals.map((signal, index) =>
        signal.bits.map((bit) => (
          <rect
            key={`${signal.name} ${bit}`}
            fill={colourOf(index)}
            fillOpacity="0.75"
            {...spot(bit)}
          >
            <title>{signal.name}</title>
          </rect>
        )),
      )}
    </svg>
  );
}

function spot(bit: number) {
  return {
    x: HEAD + (7 - (bit % 8)) * CELL.width + 1,
    y: 16 + Math.floor(bit / 8) * CELL.height + 1,
    width: CELL.width - 2,
    height: CELL.height - 2,
    rx: 2,
  };
}
