/* What the History view shows, as its address says it, and how zoom and pan change that. Pure.
 *
 * A view is a period and its end, as `history` and `stats/trends` are asked: whole minutes, up to a moment, or
 * up to now and going on with it (endMs null). */
import { seriesOf, seriesQuery, type Series } from "./series";

export const SHOWS = ["trends", "series", "energy"] as const;
export type Show = (typeof SHOWS)[number];

/* What becomes of a series: its values (of texts and booleans: the time in each state), how much a meter rose. */
export const SHAPES = ["values", "rise", "states"] as const;
export type Shape = (typeof SHAPES)[number];

export interface HistoryView {
  show: Show;
  periodS: number;
  endMs: number | null;
  series: Series | null;
  shape: Shape;
  window: string; /* "": follows from the period */
}

export interface Range {
  fromMs: number;
  toMs: number;
}

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;
export const PERIODS: readonly [text: string, seconds: number][] = [
  ["15m", 15 * MINUTE_S],
  ["1h", HOUR_S],
  ["6h", 6 * HOUR_S],
  ["24h", DAY_S],
  ["7d", 7 * DAY_S],
  ["30d", 30 * DAY_S],
];
const PERIOD_MAX_S = 366 * DAY_S;
const NEAR_NOW = 0.01; /* of a period: what ends so near to now goes on with it */

const SPAN = /^([1-9][0-9]{0,6})([smhd])$/;
const UNIT_S: Record<string, number> = { s: 1, m: MINUTE_S, h: HOUR_S, d: DAY_S };

export function parseSpan(text: string): number | null {
  const found = SPAN.exec(text);
  return found ? Number(found[1]) * UNIT_S[found[2]!]! : null;
}

/* A span of whole minutes as a request has it. */
export function spanText(seconds: number): string {
  const named = PERIODS.find(([, s]) => s === seconds);
  if (named) return named[0];
  if (seconds % DAY_S === 0) return `${seconds / DAY_S}d`;
  return seconds % HOUR_S === 0 ? `${seconds / HOUR_S}h` : `${Math.round(seconds / MINUTE_S)}m`;
}

function clampPeriod(seconds: number): number {
  return Math.min(PERIOD_MAX_S, Math.max(MINUTE_S, Math.round(seconds / MINUTE_S) * MINUTE_S));
}

function oneOf<T extends string>(known: readonly T[], text: string | null): T {
  return known.find((name) => name === text) ?? known[0]!;
}

export function viewOf(query: URLSearchParams): HistoryView {
  const endMs = Date.parse(query.get("end") ?? "");
  const window = query.get("window") ?? "";
  return {
    show: oneOf(SHOWS, query.get("show")),
    periodS: clampPeriod(parseSpan(query.get("period") ?? "") ?? DAY_S),
    endMs: Number.isFinite(endMs) ? endMs : null,
    series: seriesOf(query),
    shape: oneOf(SHAPES, query.get("as")),
    window: parseSpan(window) ? window : "",
  };
}

export function queryOf(view: HistoryView): Record<string, string> {
  const query: Record<string, string> = {
    ...(view.series ? seriesQuery(view.series) : {}),
    show: view.show,
    period: spanText(view.periodS),
  };
  if (view.endMs !== null) query["end"] = new Date(view.endMs).toISOString();
  if (view.shape !== "values") query["as"] = view.shape;
  if (view.window) query["window"] = view.window;
  return query;
}

export function rangeOf(view: HistoryView, nowMs: number): Range {
  const toMs = Math.min(view.endMs ?? nowMs, nowMs);
  return { fromMs: toMs - view.periodS * 1000, toMs };
}

/* The view of a range, as near as whole minutes come to it and never beyond now. */
export function withRange(view: HistoryView, range: Range, nowMs: number): HistoryView {
  const periodS = clampPeriod((range.toMs - range.fromMs) / 1000);
  const middleMs = (range.fromMs + range.toMs) / 2;
  const endMs = Math.round(middleMs + (periodS * 1000) / 2);
  const isNow = endMs >= nowMs - periodS * 1000 * NEAR_NOW;
  return { ...view, periodS, endMs: isNow ? null : endMs };
}

/* A part of a period further on (back: negative), up to now. */
export function panned(range: Range, part: number, nowMs: number): Range {
  const lengthMs = range.toMs - range.fromMs;
  const toMs = Math.min(nowMs, range.toMs + part * lengthMs);
  return { fromMs: toMs - lengthMs, toMs };
}

/* `factor` times as long, the point `at` (0: the left end, 1: the right one) staying where it is. */
export function zoomed(range: Range, factor: number, at: number, nowMs: number): Range {
  const oldMs = range.toMs - range.fromMs;
  const newMs = Math.min(PERIOD_MAX_S, Math.max(MINUTE_S, (oldMs * factor) / 1000)) * 1000;
  const fixedMs = range.fromMs + at * oldMs;
  const toMs = Math.min(nowMs, fixedMs + (1 - at) * newMs);
  return { fromMs: toMs - newMs, toMs };
}
