/* Answers that the History view reads (docs/requests.md): what it uses of each. */
import { check, type Checked, type Table } from "./check";

export type Cell = number | string | boolean | Record<string, number> | null;
export type HistoryRow = [ms: number, value: Cell]; /* ms: when the window begins */

export interface HistoryAnswer {
  timestamp: string;
  aggregate: string;
  from: string;
  to: string;
  window: string;
  rows: HistoryRow[];
  source: string;
  cached: boolean;
  cache_age_s: number;
}

const TEXT = { kind: "text", required: true } as const;
const TIME = { kind: "time", required: true } as const;
const ENVELOPE = {
  timestamp: TIME,
  from: TIME,
  to: TIME,
  source: TEXT,
  cached: { kind: "boolean", required: true },
  cache_age_s: { kind: "number", required: true },
} as const;

const HISTORY: Table<HistoryAnswer> = { ...ENVELOPE, aggregate: TEXT, window: TEXT, rows: { kind: "list", required: true } };

const isStates = (cell: object) => !Array.isArray(cell) && Object.values(cell).every((s) => typeof s === "number" && s >= 0);
const isCell = (cell: unknown) =>
  typeof cell === "object" ? cell === null || isStates(cell) : ["number", "string", "boolean"].includes(typeof cell);

/* Rows in the order of time, each a time and what a chart can draw. */
export function checkHistory(value: unknown): Checked<HistoryAnswer> {
  const checked = check(HISTORY, value);
  if (!checked.ok) return checked;
  let before = -Infinity;
  for (const row of checked.value.rows as unknown[]) {
    if (!Array.isArray(row) || typeof row[0] !== "number" || !(row[0] > before) || !isCell(row[1]))
      return { ok: false, words: '"rows" are not times, one after the other, with a value each' };
    before = row[0];
  }
  return checked;
}

export interface Missing {
  figure: string;
  reason: string;
}

export interface Trend {
  time: string;
  count: number | null;
  errors: number | null;
}

export interface TrendsAnswer {
  timestamp: string;
  from: string;
  to: string;
  window: string;
  trends: Trend[];
  missing: Missing[];
  source: string;
  age_s?: number | null;
  cached: boolean;
  cache_age_s: number;
}

export const TRENDS: Table<TrendsAnswer> = {
  ...ENVELOPE,
  window: TEXT,
  trends: { kind: "list", required: true },
  missing: { kind: "list", required: true },
  age_s: { kind: "number", nullable: true },
};

export const TREND: Table<Trend> = {
  time: TIME,
  count: { kind: "number", nullable: true },
  errors: { kind: "number", nullable: true },
};

export const MISSING: Table<Missing> = { figure: TEXT, reason: TEXT };

/* A device of devices/latest. */
export interface Latest {
  device: string;
  measurement: string;
  tag: string;
  last_seen: string;
  values: Record<string, unknown>;
}

export const LATEST: Table<Latest> = {
  device: TEXT,
  measurement: TEXT,
  tag: TEXT,
  last_seen: TIME,
  values: { kind: "object", required: true },
};
