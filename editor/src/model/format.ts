/** Numbers, times and messages as people read them. */

import type { MessageRecord } from "../api/types";

/** A value with at most six significant digits. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Local time of day, with the zone; the exact stamp belongs into the title. */
export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, {
    hour12: false,
    timeZoneName: "short",
  });
}

/** Day and local time, with the zone. */
export function formatDate(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(undefined, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
    timeZoneName: "short",
  });
}

/** The exact stamp, for a title. */
export function exactTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** A CAN id as engineers write it. */
export function formatId(id: number): string {
  return `0x${id.toString(16).toUpperCase()}`;
}

/** A message in one line. */
export function formatMessage(message: MessageRecord): string {
  if (message.kind === "frame") {
    return `${message.channel || "frame"} ${formatId(message.id ?? 0)} ${message.data ?? ""}`;
  }
  if (message.kind === "event") {
    return [message.source, message.name, message.state, message.severity, message.text]
      .filter(Boolean)
      .join(" · ");
  }
  const values = Object.entries(message.values ?? {}).map(([k, v]) => `${k} ${formatValue(v)}`);
  return `${message.source ?? ""}: ${values.join(" · ")}`;
}

/** Bytes in the unit that reads best. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let value = bytes;
  // 999.5 kB and more would be written with an exponent.
  while (value >= (at === 0 ? 1000 : 999.5) && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  const isRound = at === 0 || value >= 999.5;
  return `${isRound ? Math.round(value) : value.toPrecision(3)} ${units[at]}`;
}

/** A span such as `2 h 05 min`. */
export function formatSpan(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.round(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A node's id as a title: `soc_low` reads `soc low`. */
export function title(id: string): string {
  return id.replace(/_/g, " ");
}
