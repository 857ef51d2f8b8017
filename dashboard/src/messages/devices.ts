/* An item of the answer to `devices` (docs/requests.md). That of devices/latest is in history.ts. */
import type { Table } from "./check";

export interface Seen {
  device: string;
  measurement: string;
  tag: string;
  last_seen: string;
  interval_s?: number | null; /* its habit; null before it is learned */
  longest_interval_s?: number | null;
  stale?: boolean | null;
}

const TEXT = { kind: "text", required: true } as const;
const NUMBER_OR_NULL = { kind: "number", nullable: true } as const;

export const SEEN: Table<Seen> = {
  device: TEXT,
  measurement: TEXT,
  tag: TEXT,
  last_seen: { kind: "time", required: true },
  interval_s: NUMBER_OR_NULL,
  longest_interval_s: NUMBER_OR_NULL,
  stale: { kind: "boolean", nullable: true },
};
