/* The services, as they tell of themselves on the bus. */
import { signal } from "@preact/signals";
import type { Connection, Message } from "../bus/connection";
import { LIVE, SERVICE_METRICS, STATUS, type Live, type ServiceMetrics, type Status } from "../messages/messages";
import { check, type Table } from "../messages/check";
import { decodePayload } from "../messages/payload";
import type { BadItems } from "./bad";
import type { Pulse } from "./pulse";
import { Rate } from "./rate";

export interface Service {
  name: string;
  status?: Status;
  metrics?: ServiceMetrics;
  live?: Live;
  heardMs: number; /* when it last told figures, by our clock; by its own where the broker kept them; 0: never */
  rates: Readonly<Record<Total, Rate>>;
}

/* What only grows while a service runs, and is told as it grows. */
const TOTALS = ["events_total", "points_stored"] as const;
export type Total = (typeof TOTALS)[number];

/* How a service does, in words that a view also gives a shape. */
export type ServiceState = "online" | "degraded" | "stale" | "offline" | "unknown";

const STALE_MS = 30_000; /* three intervals, as the alert `offline` has it */
const KEPT = 500;

const isAway = (live: Live | undefined) => live?.influxdb === "away" || live?.influxdb === "fault";

export function serviceState(service: Service, nowMs: number): ServiceState {
  if (service.status?.state === "offline") return "offline";
  if (service.heardMs === 0) return service.status ? "online" : "unknown";
  if (nowMs - service.heardMs > STALE_MS) return "stale";
  const holds = service.status?.state === "holding";
  return holds || isAway(service.live) || (service.live?.ledger_difference ?? 0) !== 0 ? "degraded" : "online";
}

export class Services {
  readonly byName = signal<ReadonlyMap<string, Service>>(new Map());
  private readonly known = new Map<string, Service>();
  private readonly heard = new Rate();
  private heardTotal = 0;

  constructor(
    connection: Connection,
    root: string,
    private readonly pulse: Pulse,
    private readonly bad: BadItems,
  ) {
    connection.subscribe(`${root}/services/+/status`, (m) => this.hear(m, STATUS, (s, v) => (s.status = v)));
    connection.subscribe(`${root}/services/+/metrics`, (m) =>
      this.hear(m, SERVICE_METRICS, (s, v, atMs) => {
        s.metrics = v;
        s.heardMs = Math.max(s.heardMs, atMs);
      }),
    );
    connection.subscribe(`${root}/services/+/live`, (m) =>
      this.hear(m, LIVE, (s, v, atMs) => {
        s.live = v;
        s.heardMs = Math.max(s.heardMs, atMs);
        for (const total of TOTALS) if (v[total] !== undefined) s.rates[total].add(atMs, v[total]);
      }),
    );
  }

  /* How many messages of services the page heard a minute. */
  heardPerMinute(now: number): number | null {
    return this.heard.perMinute(now);
  }

  private hear<T extends { service: string }>(
    message: Message,
    table: Table<T>,
    take: (service: Service, value: T, atMs: number) => void,
  ): void {
    const name = message.topic.split("/").at(-2)!;
    this.heard.add(Date.now(), ++this.heardTotal);
    if (message.payload.length === 0) {
      if (message.topic.endsWith("/status")) this.known.delete(name);
      this.pulse.soon(this.tell);
      return;
    }
    const decoded = decodePayload(message.payload, message.properties.content_type);
    const checked = decoded.ok ? check(table, decoded.value) : decoded;
    if (!checked.ok) {
      this.bad.note(message.topic, checked.words);
      return;
    }
    const service = this.known.get(name) ?? this.begin(name);
    if (!service) {
      this.bad.note(message.topic, `more than ${KEPT} services`);
      return;
    }
    /* The clocks of house and browser may differ; that of the browser is the one that ages are counted with. */
    const told = (checked.value as { time?: string }).time;
    take(service, checked.value, message.retain && told ? Math.min(Date.parse(told), Date.now()) : Date.now());
    this.pulse.soon(this.tell);
  }

  private begin(name: string): Service | null {
    if (this.known.size >= KEPT) return null;
    const service = { name, heardMs: 0, rates: { events_total: new Rate(), points_stored: new Rate() } };
    this.known.set(name, service);
    return service;
  }

  /* A copy of each, so that a view sees what changed. */
  private readonly tell = () => {
    const copies = [...this.known.values()].map((s): [string, Service] => [s.name, { ...s }]);
    this.byName.value = new Map(copies.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
}
