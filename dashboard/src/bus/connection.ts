/* One MQTT 5 connection over a websocket, which comes back by itself.
 *
 * Subscriptions are made again on each connection, at QoS 0: what the page shows is retained, or said again
 * by whoever says it. Each connection starts clean under a client id of its own, so several tabs do not
 * disturb each other. A broker that does not answer a ping is taken for gone, even if its socket stands. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { encode, PacketReader, type Packet, type Properties } from "./packets";

export interface Login {
  user: string;
  password: string;
}

export type Phase =
  | "off" /* nobody logged in yet */
  | "connecting"
  | "online"
  | "waiting" /* lost; tried again at retryAt */
  | "refused"; /* the broker does not take this login: only another one helps */

export interface ConnectionState {
  phase: Phase;
  words: string; /* why, for a person; empty when there is nothing to say */
  sinceMs: number;
  retryAtMs: number | null;
}

export interface Message {
  topic: string;
  payload: Uint8Array;
  retain: boolean;
  properties: Properties;
}

export type Handler = (message: Message) => void;

/* What became of a message at QoS 1. */
export type Outcome = "taken" | "nobody" /* there is no subscriber */ | "forbidden" | "lost" /* the connection broke */;

/* A browser lets the timers of a tab that nobody sees run once a minute: so the broker is patient (KEEP_ALIVE_S), and
 * it is the unanswered ping that counts, not the time since something came. */
const KEEP_ALIVE_S = 150;
export const TIMES = {
  pingMs: 5_000,
  unansweredMs: 7_000,
  connectMs: 10_000,
  backoffLeastMs: 250,
  backoffMostMs: 10_000,
};

const NO_ANSWER = "The broker does not answer";
const REASON_NO_SUBSCRIBERS = 0x10;
const REASONS_OF_LOGIN: Record<number, string> = {
  0x86: "The broker does not know this user, or the password is wrong",
  0x87: "The broker does not know this user, or the password is wrong", /* what mosquitto 2.0 says of both */
  0x8a: "The broker has banned this client",
};

export class Connection {
  private readonly current = signal<ConnectionState>({ phase: "off", words: "", sinceMs: Date.now(), retryAtMs: null });
  private readonly handlers: { filter: string; handler: Handler }[] = [];
  private readonly settledListeners: (() => void)[] = [];
  private readonly acks = new Map<number, (outcome: Outcome) => void>();
  private socket: WebSocket | null = null;
  private login: Login | null = null;
  private packetId = 0;
  private failures = 0;
  private unansweredMs = 0; /* when the oldest ping went out that nothing followed; 0: none did */
  private settled = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pings: ReturnType<typeof setInterval> | undefined;

  /* How many connections stood so far. */
  session = 0;

  constructor(
    private readonly url: string,
    private readonly times = TIMES,
  ) {}

  get state(): ReadonlySignal<ConnectionState> {
    return this.current;
  }

  /* As whom; empty when nobody is logged in. */
  get user(): string {
    return this.login?.user ?? "";
  }

  /* Hears what matches an MQTT topic filter, from now on and on every later connection. */
  subscribe(filter: string, handler: Handler): void {
    this.handlers.push({ filter, handler });
    if (this.current.value.phase === "online") this.send("subscribe", { pkt_id: this.nextId(), topics: [filter] });
  }

  /* Calls on each connection when all that the broker had retained has come: what was not said again is gone. */
  onSettled(listener: () => void): void {
    this.settledListeners.push(listener);
  }

  connect(login: Login): void {
    this.close();
    this.login = login;
    this.failures = 0;
    this.open();
  }

  close(): void {
    this.login = null;
    this.drop();
    this.become("off", "");
  }

  /* Looks at once, when a person asks for it or comes back, or the machine says that it has a network again. */
  retry(): void {
    if (this.current.value.phase === "waiting") this.open();
    else if (this.current.value.phase === "online" && this.socket) this.ping(this.socket);
  }

  /* Wakes the broker. mosquitto 2.0 hands a websocket 4 KiB each time its loop turns, and an idle loop turns each 100 ms:
   * an answer of 68 kB took 1.7 s. (mosquitto's issue 1390; no setting changes it.) */
  stir(): void {
    if (this.current.value.phase === "online") this.send("pingreq", null);
  }

  publish(topic: string, payload: string | Uint8Array, props: Properties): Promise<Outcome> {
    if (this.current.value.phase !== "online") return Promise.resolve("lost");
    const pkt_id = this.nextId();
    return new Promise((resolve) => {
      this.acks.set(pkt_id, resolve);
      this.send("publish", { topic, payload, qos: 1, pkt_id, props });
    });
  }

  private become(phase: Phase, words: string, retryAtMs: number | null = null): void {
    this.current.value = { phase, words, sinceMs: Date.now(), retryAtMs };
  }

  private nextId(): number {
    do this.packetId = (this.packetId % 0xffff) + 1;
    while (this.acks.has(this.packetId));
    return this.packetId;
  }

  private send(type: string, packet: object | null): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encode(type, packet));
  }

  private open(): void {
    clearTimeout(this.timer);
    this.become("connecting", this.current.value.words);
    const socket = new WebSocket(this.url, ["mqtt"]);
    const reader = new PacketReader();
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send("connect", this.connectPacket());
    socket.onclose = () => this.lost(socket, this.current.value.phase === "online" ? "The connection broke" : NO_ANSWER);
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.unansweredMs = 0;
      try {
        for (const packet of reader.read(new Uint8Array(event.data as ArrayBuffer))) this.arrived(socket, packet);
      } catch (error) {
        this.lost(socket, `The connection broke: ${error instanceof Error ? error.message : error}`);
      }
    };
    this.timer = setTimeout(() => this.lost(socket, NO_ANSWER), this.times.connectMs);
  }

  private connectPacket(): object {
    return {
      client_id: `hearthline-dashboard-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`,
      keep_alive: KEEP_ALIVE_S,
      flags: { clean_start: true },
      username: this.login?.user,
      password: this.login?.password,
    };
  }

  private arrived(socket: WebSocket, packet: Packet): void {
    if (packet.type === "publish") this.deliver(packet);
    else if (packet.type === "puback") this.acknowledged(packet);
    else if (packet.type === "connack") this.connected(socket, packet);
    else if (packet.type === "pingresp") this.settle();
    else if (packet.type === "disconnect") this.lost(socket, "The broker ended the connection");
  }

  private connected(socket: WebSocket, packet: Packet): void {
    clearTimeout(this.timer);
    const refusal = REASONS_OF_LOGIN[packet.reason ?? 0];
    if (refusal) {
      this.drop();
      this.become("refused", refusal);
      return;
    }
    if (packet.reason !== 0) {
      this.lost(socket, `The broker refused the connection (reason ${packet.reason})`);
      return;
    }
    this.failures = 0;
    this.session++;
    this.settled = false;
    this.become("online", "");
    for (const { filter } of this.handlers) this.send("subscribe", { pkt_id: this.nextId(), topics: [filter] });
    this.ping(socket); /* answered behind what the subscriptions brought: packets keep their order */
    this.pings = setInterval(() => this.ping(socket), this.times.pingMs);
  }

  private settle(): void {
    if (this.settled) return;
    this.settled = true;
    for (const listener of this.settledListeners) listener();
  }

  private ping(socket: WebSocket): void {
    const now = Date.now();
    if (this.unansweredMs > 0 && now - this.unansweredMs > this.times.unansweredMs) this.lost(socket, "The broker says nothing");
    else {
      this.unansweredMs ||= now;
      this.send("pingreq", null);
    }
  }

  private deliver(packet: Packet): void {
    const message: Message = {
      topic: packet.topic,
      payload: packet.payload,
      retain: packet.retain === true,
      properties: packet.props ?? {},
    };
    for (const { filter, handler } of this.handlers) if (filterMatches(filter, packet.topic)) handler(message);
  }

  private acknowledged(packet: Packet): void {
    const resolve = this.acks.get(packet.pkt_id ?? 0);
    this.acks.delete(packet.pkt_id ?? 0);
    const reason = packet.reason ?? 0;
    resolve?.(reason === REASON_NO_SUBSCRIBERS ? "nobody" : reason >= 0x80 ? "forbidden" : "taken");
  }

  private lost(socket: WebSocket, words: string): void {
    if (socket !== this.socket) return;
    this.drop();
    /* Full jitter, so that all pages of a house do not come back in the same moment. */
    const most = Math.min(this.times.backoffMostMs, this.times.backoffLeastMs * 2 ** this.failures++);
    const waitMs = this.times.backoffLeastMs + Math.random() * most;
    this.become("waiting", words, Date.now() + waitMs);
    this.timer = setTimeout(() => this.open(), waitMs);
  }

  /* Ends the socket without a word of why, and whatever waited for it. */
  private drop(): void {
    clearTimeout(this.timer);
    clearInterval(this.pings);
    const socket = this.socket;
    this.socket = null;
    this.unansweredMs = 0;
    socket?.close();
    for (const resolve of this.acks.values()) resolve("lost");
    this.acks.clear();
  }
}

/* MQTT 5.0, 4.7. */
export function filterMatches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  if (topic.startsWith("$") && !filter.startsWith("$")) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === "#") return true;
    if (i >= levels.length || (wanted[i] !== "+" && wanted[i] !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}
