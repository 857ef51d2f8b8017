/* The messages that the page hears, as docs/topics.md tells them: what it uses of each. */
import type { Table } from "./check";

export interface Status {
  service: string;
  state: "online" | "holding" | "offline";
  instance: string;
  since: string;
  reason?: string;
}

export const STATUS: Table<Status> = {
  service: { kind: "text", required: true },
  state: { kind: "text", required: true, words: ["online", "holding", "offline"] },
  instance: { kind: "text", required: true },
  since: { kind: "time", required: true },
  reason: { kind: "text" },
};

/* Each 10 s. Figures are of the interval, but for the ledger's, which are of all time. */
export interface ServiceMetrics {
  service: string;
  time: string;
  interval_s?: number;
  uptime_s?: number;
  events_processed?: number;
  write_attempts?: number;
  write_errors?: number;
  processing_time_ms?: number | null;
  success_rate?: number | null;
  write_latency_mean_ms?: number | null;
  write_latency_max_ms?: number | null;
  received?: number;
  decoded?: number;
  repeated?: number;
  ignored?: number;
  rejected?: number;
  dropped?: number;
  pending?: number;
  points_made?: number;
  points_stored?: number;
  points_merged?: number;
  points_rejected?: number;
  points_dropped?: number;
  points_pending?: number;
  rejected_by_reason?: Record<string, number>;
  journal_bytes?: number;
  journal_max_bytes?: number;
  journal_oldest_s?: number;
}

const NUMBER = { kind: "number" } as const;
const NUMBER_OR_NULL = { kind: "number", nullable: true } as const;

export const SERVICE_METRICS: Table<ServiceMetrics> = {
  service: { kind: "text", required: true },
  time: { kind: "time", required: true },
  interval_s: NUMBER,
  uptime_s: NUMBER,
  events_processed: NUMBER,
  write_attempts: NUMBER,
  write_errors: NUMBER,
  processing_time_ms: NUMBER_OR_NULL,
  success_rate: NUMBER_OR_NULL,
  write_latency_mean_ms: NUMBER_OR_NULL,
  write_latency_max_ms: NUMBER_OR_NULL,
  received: NUMBER,
  decoded: NUMBER,
  repeated: NUMBER,
  ignored: NUMBER,
  rejected: NUMBER,
  dropped: NUMBER,
  pending: NUMBER,
  points_made: NUMBER,
  points_stored: NUMBER,
  points_merged: NUMBER,
  points_rejected: NUMBER,
  points_dropped: NUMBER,
  points_pending: NUMBER,
  rejected_by_reason: { kind: "counts" },
  journal_bytes: NUMBER,
  journal_max_bytes: NUMBER,
  journal_oldest_s: NUMBER,
};

/* What changed since the last metrics, at most each 500 ms. Totals only grow while the service runs. */
export interface Live {
  service: string;
  time: string;
  events_total?: number;
  pending?: number;
  points_stored?: number;
  rejected?: number;
  dropped?: number;
  journal_bytes?: number;
  journal_max_bytes?: number;
  journal_oldest_s?: number;
  write_attempts_total?: number;
  write_errors_total?: number;
  last_write_ms?: number | null;
  ledger_difference?: number;
  influxdb?: "answering" | "away" | "fault" | "off";
  influxdb_reason?: string;
  source?: "influxdb" | "services-fallback";
  requests_in_flight?: number;
}

export const LIVE: Table<Live> = {
  service: { kind: "text", required: true },
  time: { kind: "time", required: true },
  events_total: NUMBER,
  pending: NUMBER,
  points_stored: NUMBER,
  rejected: NUMBER,
  dropped: NUMBER,
  journal_bytes: NUMBER,
  journal_max_bytes: NUMBER,
  journal_oldest_s: NUMBER,
  write_attempts_total: NUMBER,
  write_errors_total: NUMBER,
  last_write_ms: NUMBER_OR_NULL,
  ledger_difference: NUMBER,
  influxdb: { kind: "text", words: ["answering", "away", "fault", "off"] },
  influxdb_reason: { kind: "text" },
  source: { kind: "text", words: ["influxdb", "services-fallback"] },
  requests_in_flight: NUMBER,
};

export type AlertLevel = "error" | "warning" | "info";

export interface Alert {
  service: string;
  rule: string;
  subject: string;
  state: "firing" | "acknowledged" | "resolved";
  level: AlertLevel;
  message: string;
  timestamp: string;
  since?: string;
  value?: number | null;
  threshold?: number | null;
  silenced?: boolean;
  by?: string;
  why?: string;
}

export const ALERT: Table<Alert> = {
  service: { kind: "text", required: true },
  rule: { kind: "text", required: true },
  subject: { kind: "text", required: true },
  state: { kind: "text", required: true, words: ["firing", "acknowledged", "resolved"] },
  level: { kind: "text", required: true, words: ["error", "warning", "info"] },
  message: { kind: "text", required: true },
  timestamp: { kind: "time", required: true },
  since: { kind: "time" },
  value: NUMBER_OR_NULL,
  threshold: NUMBER_OR_NULL,
  silenced: { kind: "boolean" },
  by: { kind: "text" },
  why: { kind: "text" },
};

/* What the query service was told to keep quiet about. What is left out matches all. */
export interface Silence {
  service?: string;
  rule?: string;
  subject?: string;
  until: string;
  by?: string;
  why?: string;
}

export const SILENCE: Table<Silence> = {
  service: { kind: "text" },
  rule: { kind: "text" },
  subject: { kind: "text" },
  until: { kind: "time", required: true },
  by: { kind: "text" },
  why: { kind: "text" },
};

export interface Rejected {
  reason: string;
  words: string;
  topic: string;
  time: string;
  arrival_ns?: string;
  element?: number;
  source?: string;
  payload?: string;
  payload_base64?: string;
  payload_bytes?: number;
  cut?: boolean;
  line?: string;
}

export const REJECTED: Table<Rejected> = {
  reason: { kind: "text", required: true },
  words: { kind: "text", required: true },
  topic: { kind: "text", required: true },
  time: { kind: "time", required: true },
  arrival_ns: { kind: "text" },
  element: NUMBER,
  source: { kind: "text" },
  payload: { kind: "text" },
  payload_base64: { kind: "text" },
  payload_bytes: NUMBER,
  cut: { kind: "boolean" },
  line: { kind: "text" },
};
