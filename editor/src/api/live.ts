/** The live socket: states each second, news as it comes, values of watched outputs. */

import type { GatewayState, MessageRecord } from "./types";

/** An output whose messages are to be shown. */
export interface Watched {
  flow: string;
  node: string;
  port: string;
}

/** What came by a watched output since the last time. */
export interface Values extends Watched {
  kind: "values";
  count: number;
  messages: MessageRecord[];
  tail: MessageRecord[];
  skipped: number;
}

/** Somebody else who has the editor open; `edits` tells that they changed the flow they look at. */
export interface Person {
  who: string;
  flow: string;
  edits: boolean;
}

/** The flow that is looked at here, and whether it was changed. */
export type Place = Omit<Person, "who">;

/** Something that happened. */
export interface News {
  kind: "status" | "fault" | "alarm" | "flow" | "deploy";
  flow: string;
  node: string;
  data: Record<string, unknown>;
}

export interface Handlers {
  state: (state: GatewayState) => void;
  news: (news: News) => void;
  values: (values: Values) => void;
  people: (people: Person[]) => void;
  dropped: (count: number) => void;
  connected: (is: boolean) => void;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8000;

/** Keeps a socket open, again and again; `watch` says which outputs are looked at. */
export class Live {
  private socket: WebSocket | null = null;
  private pause = FIRST_PAUSE;
  private watched: Watched[] = [];
  private at: Place = { flow: "", edits: false };
  private timer = 0;

  constructor(private readonly handlers: Handlers) {
    this.open();
  }

  /** Look at these outputs, and no others, from this place. */
  watch(watched: Watched[], at: Place): void {
    this.watched = watched;
    this.at = at;
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ watch: watched, at }));
    }
  }

  /** Try again now, for instance after a login. */
  retry(): void {
    window.clearTimeout(this.timer);
    this.pause = FIRST_PAUSE;
    if (this.socket?.readyState !== WebSocket.OPEN) this.open();
  }

  private open(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    this.socket = socket;
    socket.onopen = () => {
      this.pause = FIRST_PAUSE;
      this.handlers.connected(true);
      this.watch(this.watched, this.at);
    };
    socket.onmessage = (event) => this.take(JSON.parse(String(event.data)));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.handlers.connected(false);
      this.timer = window.setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(LONGEST_PAUSE, this.pause * 2);
    };
  }

  private take(message: { kind: string; [key: string]: unknown }): void {
    if (message.kind === "state") this.handlers.state(message as unknown as GatewayState);
    else if (message.kind === "values") this.handlers.values(message as unknown as Values);
    else if (message.kind === "people") this.handlers.people(message.people as Person[]);
    else if (message.kind === "dropped") this.handlers.dropped(Number(message.count));
    else if (message.kind === "problem") throw new Error(String(message.detail));
    else this.handlers.news(message as unknown as News);
  }
}
