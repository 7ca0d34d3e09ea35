/** Requests to the runtime, and what it answers when it refuses. */

/** A problem as the runtime words it. */
export interface Problem {
  place: string;
  sentence: string;
}

/** The runtime refused: RFC 9457 problem details. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(detail);
  }
}

/** The runtime did not answer. */
export class Unreachable extends Error {}

/** Seconds to wait for an answer before the connection counts as lost. */
const PATIENCE = 90;

type Listener = (refused: Refused) => void;
let onLoginNeeded: Listener = () => {};

/** Say who shows the login when the runtime asks for one. */
export function whenLoginIsNeeded(listener: Listener): void {
  onLoginNeeded = listener;
}

/** One request; throws Refused or Unreachable. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE * 1000), ...init });
  } catch (error) {
    throw new Unreachable(`The gateway does not answer: ${(error as Error).message}`);
  }
  if (response.ok) return response;
  const refused = await refusedFrom(response);
  if (refused.status === 401) onLoginNeeded(refused);
  throw refused;
}

/** GET JSON. */
export async function get<T>(path: string): Promise<T> {
  return (await request(path)).json() as Promise<T>;
}

/** Send JSON, and read JSON. */
export async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await request(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function refusedFrom(response: Response): Promise<Refused> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as { title?: string; detail?: string; problems?: Problem[] };
    return new Refused(
      response.status,
      body.title ?? response.statusText,
      body.detail ?? text,
      body.problems ?? [],
    );
  } catch {
    return new Refused(response.status, response.statusText, text || response.statusText);
  }
}
