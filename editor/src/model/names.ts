/** Ids that a flow file takes. */

const ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const FLOW_NAME = /^[a-z0-9][a-z0-9_-]*$/;

/** Whether this can be a node's or a resource's id. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Whether this can be a flow's name. */
export function isFlowName(text: string): boolean {
  return FLOW_NAME.test(text);
}

/** A readable id for a node of a type: `can/log-reader` gives `log_reader`. */
export function idFor(type: string): string {
  const name = (type.split("/").pop() ?? "").replace(/[^A-Za-z0-9_]/g, "_");
  return isId(name) ? name : `node_${name}`; // a subflow's name may begin with a digit
}

/** The wanted id, or with the first number that makes it new. */
export function freeId(wanted: string, taken: Readonly<Record<string, unknown>>): string {
  const isTaken = (id: string) => Object.hasOwn(taken, id);
  if (!isTaken(wanted)) return wanted;
  const stem = wanted.replace(/_\d+$/, "");
  for (let n = 2; ; n++) {
    if (!isTaken(`${stem}_${n}`)) return `${stem}_${n}`;
  }
}

/** The wanted flow name, or with the first number that makes it new. */
export function freeFlowName(wanted: string, taken: readonly string[]): string {
  const plain =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, "-")
      .replace(/^[-_]+/, "") || "flow";
  if (!taken.includes(plain)) return plain;
  for (let n = 2; ; n++) {
    if (!taken.includes(`${plain}-${n}`)) return `${plain}-${n}`;
  }
}
