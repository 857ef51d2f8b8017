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
  metricsAtMs: number; /* the service's own time, of its newest word; 0 when it said none */
  eventsPerMinute: number | null; /* null as long as it cannot be told */
}

/* How a service does, in words that a view also gives a shape. */
export type ServiceState = "online" | "degraded" | "stale" | "offline" | "unknown";

const STALE_MS = 30_000; /* three intervals, as the alert `offline` has it */
const KEPT = 500;

const isAway = (live: Live | undefined) => live?.influxdb === "away" || live?.influxdb === "fault";

export function serviceState(service: Service, nowMs: number): ServiceState {
  if (service.status?.state === "offline") return "offline";
  if (service.metricsAtMs === 0) return service.status ? "online" : "unknown";
  if (nowMs - service.metricsAtMs > STALE_MS) return "stale";
  const holds = service.status?.state === "holding";
  return holds || isAway(service.live) || (service.live?.ledger_difference ?? 0) !== 0 ? "degraded" : "online";
}

export class Services {
  readonly byName = signal<ReadonlyMap<string, Service>>(new Map());
  private readonly known = new Map<string, Service>();
  private readonly rates = new Map<string, Rate>();

  constructor(
    connection: Connection,
    root: string,
    private readonly pulse: Pulse,
    private readonly bad: BadItems,
  ) {
    connection.subscribe(`${root}/services/+/status`, (m) => this.hear(m, STATUS, (s, v) => (s.status = v)));
    connection.subscribe(`${root}/services/+/metrics`, (m) =>
      this.hear(m, SERVICE_METRICS, (s, v) => {
        s.metrics = v;
        s.metricsAtMs = Math.max(s.metricsAtMs, Date.parse(v.time));
      }),
    );
    connection.subscribe(`${root}/services/+/live`, (m) =>
      this.hear(m, LIVE, (s, v) => {
        s.live = v;
        s.metricsAtMs = Math.max(s.metricsAtMs, Date.parse(v.time));
        if (v.events_total !== undefined) this.rates.get(s.name)!.add(Date.parse(v.time), v.events_total);
      }),
    );
  }

  private hear<T>(message: Message, table: Table<T>, take: (service: Service, value: T) => void): void {
    const name = message.topic.split("/").at(-2)!;
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
    if (!this.known.has(name) && this.known.size >= KEPT) {
      this.bad.note(message.topic, `more than ${KEPT} services`);
      return;
    }
    const service = this.known.get(name) ?? { name, metricsAtMs: 0, eventsPerMinute: null };
    this.known.set(name, service);
    if (!this.rates.has(name)) this.rates.set(name, new Rate());
    take(service, checked.value);
    this.pulse.soon(this.tell);
  }

  /* A copy of each, so that a view sees what changed. */
  private readonly tell = () => {
    const now = Date.now();
    const copies = [...this.known.values()].map((s): [string, Service] => [
      s.name,
      { ...s, eventsPerMinute: this.rates.get(s.name)?.perMinute(now) ?? null },
    ]);
    this.byName.value = new Map(copies.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
}
