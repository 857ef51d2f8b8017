/* What answers come to: the columns of a chart, and what they come to in one line. Pure.
 *
 * A column has null where there is nothing to tell, and a chart draws a gap there. */
import { parseSpan } from "./history_view";
import type { Cell, HistoryAnswer, HistoryRow, Trend } from "../messages/history";

export type Figure = number | null;

/* Of numbers: each window's mean, lowest and highest value, and how many there were. */
export interface Numbers {
  times: number[]; /* ms, when each window begins */
  mean: Figure[];
  min: Figure[];
  max: Figure[];
  count: Figure[];
}

export interface Summary {
  min: Figure;
  mean: Figure;
  max: Figure;
  count: number;
}

const numberOf = (cell: Cell | undefined): Figure => (typeof cell === "number" ? cell : null);

export function figuresOf(rows: readonly HistoryRow[]): { times: number[]; values: Figure[] } {
  return { times: rows.map(([ms]) => ms), values: rows.map(([, cell]) => numberOf(cell)) };
}

/* Brings four answers together by their windows' beginnings: one that an answer lacks is null there. */
export function merge(mean: HistoryAnswer, min: HistoryAnswer, max: HistoryAnswer, count: HistoryAnswer): Numbers {
  const times = mean.rows.map(([ms]) => ms);
  const column = ({ rows }: HistoryAnswer): Figure[] => {
    const byTime = new Map(rows);
    return times.map((ms) => numberOf(byTime.get(ms)));
  };
  return { times, mean: column(mean), min: column(min), max: column(max), count: column(count) };
}

/* Lowest and highest of all windows are those of all values. So is the mean, when each window counts as many
 * times as it has values: the mean of the windows' means would not be. */
export function summaryOf({ mean, min, max, count }: Numbers): Summary {
  const summary: Summary = { min: null, mean: null, max: null, count: 0 };
  let sum = 0;
  mean.forEach((value, i) => {
    const values = count[i] ?? 0;
    if (value === null || values === 0) return;
    sum += value * values;
    summary.count += values;
    summary.min = Math.min(summary.min ?? Infinity, min[i] ?? value);
    summary.max = Math.max(summary.max ?? -Infinity, max[i] ?? value);
  });
  if (summary.count > 0) summary.mean = sum / summary.count;
  return summary;
}

/* A device that speaks each 5 minutes leaves most windows of 2 minutes empty, and is not silent in them. So a
 * line goes on to the next window with values if that is at most SILENT times as far away as it is usually;
 * else one empty window stays, and makes the gap. */
const SILENT = 3;

export function withoutPauses(numbers: Numbers): Numbers {
  const filled = numbers.mean.flatMap((value, i) => (value === null ? [] : [i]));
  const steps = filled
    .slice(1)
    .map((at, i) => at - filled[i]!)
    .sort((a, b) => a - b);
  const most = SILENT * (steps[Math.floor(steps.length / 2)] ?? 1);
  const kept = filled.flatMap((at, i) => {
    const next = filled[i + 1];
    return next !== undefined && next - at > most ? [at, at + 1] : [at];
  });
  const pick = <T>(column: readonly T[]) => kept.map((i) => column[i]!);
  return {
    times: pick(numbers.times),
    mean: pick(numbers.mean),
    min: pick(numbers.min),
    max: pick(numbers.max),
    count: pick(numbers.count),
  };
}

/* Of figures that add up (events, how much a meter rose): each window's, and all together. */
export interface Total {
  total: Figure;
  min: Figure;
  mean: Figure;
  max: Figure;
}

export function totalOf(values: readonly Figure[]): Total {
  const told = values.filter((value) => value !== null);
  if (told.length === 0) return { total: null, min: null, mean: null, max: null };
  const total = told.reduce((sum, value) => sum + value, 0);
  return { total, mean: total / told.length, min: Math.min(...told), max: Math.max(...told) };
}

export interface Trends {
  times: number[];
  events: Figure[];
  errors: Figure[];
}

export function trendsOf(trends: readonly Trend[]): Trends {
  const sorted = trends.map((t) => ({ ms: Date.parse(t.time), ...t })).sort((a, b) => a.ms - b.ms);
  return {
    times: sorted.map((t) => t.ms),
    events: sorted.map((t) => t.count ?? null),
    errors: sorted.map((t) => t.errors ?? null),
  };
}

/* How long it was in which state: by window, in percent of what is known of the window or of its whole length,
 * and all together. The states that lasted longest come first; from the KEPT-th on they are one. */
export interface States {
  times: number[];
  names: string[];
  seconds: Figure[][]; /* by state, then by window */
  totals: number[]; /* seconds by state */
}

const KEPT = 7;
export const OTHERS = "all others";

function totalsByState(rows: readonly HistoryRow[]): [string, number][] {
  const totals = new Map<string, number>();
  for (const [, cell] of rows)
    if (cell !== null && typeof cell === "object")
      for (const [state, s] of Object.entries(cell)) totals.set(state, (totals.get(state) ?? 0) + s);
  return [...totals].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

export function statesOf(rows: readonly HistoryRow[]): States {
  const all = totalsByState(rows);
  const shown = all.length > KEPT ? all.slice(0, KEPT - 1) : all;
  const rest = new Set(all.slice(shown.length).map(([state]) => state));
  const secondsIn = (cell: Cell, belongs: (state: string) => boolean): Figure =>
    cell === null || typeof cell !== "object"
      ? null
      : Object.entries(cell).reduce((sum, [state, s]) => sum + (belongs(state) ? s : 0), 0);
  const groups: [string, (state: string) => boolean][] = shown.map(([name]) => [name, (state) => state === name]);
  if (rest.size > 0) groups.push([OTHERS, (state) => rest.has(state)]);
  const seconds = groups.map(([, belongs]) => rows.map(([, cell]) => secondsIn(cell, belongs)));
  const totals = seconds.map((column) => column.reduce<number>((sum, s) => sum + (s ?? 0), 0));
  return { times: rows.map(([ms]) => ms), names: groups.map(([name]) => name), seconds, totals };
}

/* The length of an answer's windows; 0 when it does not say. */
export function windowMs(answer: { window: string }): number {
  return (parseSpan(answer.window) ?? 0) * 1000;
}
