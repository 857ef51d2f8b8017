/* The requests that a view of the history comes to. Pure. */
import { parseSpan, spanText, type HistoryView } from "./history_view";

const POINTS = 1000; /* about as many as a wide screen has pixels for */
const ROWS_MAX = 2000; /* of any answer */
const BARS = 180;

const FINE_S = 10;
const COARSE_S = 300;
const COARSE_FROM_S = 6 * 3600;
const STEPS = ["10s", "1m", "5m", "15m", "1h", "6h", "1d"] as const;

export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/* Windows that can be asked for over a period. Trends are kept in rows of 10 s, and of 5 min from 6 h on. */
export function windowsOf(view: HistoryView): string[] {
  const granuleS = view.show !== "trends" ? 1 : view.periodS >= COARSE_FROM_S ? COARSE_S : FINE_S;
  return STEPS.filter((step) => fits(view, parseSpan(step)!, granuleS));
}

function fits(view: HistoryView, windowS: number, granuleS: number): boolean {
  return windowS % granuleS === 0 && windowS <= view.periodS && view.periodS / windowS < ROWS_MAX;
}

/* A window that is longer than the period (an hour, at half past midnight) is the whole of it. */
function cut(view: HistoryView, points: number): { window: string } | { points: number } {
  const seconds = parseSpan(view.window);
  if (seconds === null) return { points };
  if (seconds > view.periodS) return { points: 1 };
  return fits(view, seconds, 1) ? { window: view.window } : { points };
}

function stretch(view: HistoryView): { period: string; end?: string } {
  return { period: spanText(view.periodS), ...(view.endMs === null ? {} : { end: new Date(view.endMs).toISOString() }) };
}

export function trendsRequest(view: HistoryView): object {
  const possible = windowsOf(view);
  const chosen = possible.find((step) => step === view.window);
  const window = chosen ?? possible.find((step) => view.periodS / parseSpan(step)! <= BARS);
  return { ...stretch(view), ...(window ? { window } : {}) };
}

/* Without an aggregate: mean of numbers, last of others. So its answer tells which of the two it is. */
export function seriesRequest(view: HistoryView, aggregate?: string): object {
  return {
    ...view.series,
    ...stretch(view),
    ...cut(view, aggregate === "time_in_state" || aggregate === "increase" ? BARS : POINTS),
    ...(aggregate ? { aggregate } : {}),
    time_zone: timeZone(),
  };
}

/* Another aggregate over the very windows of an answer, also when that one ended "now". */
export function besideRequest(view: HistoryView, answer: { to: string; window: string }, aggregate: string): object {
  return {
    ...view.series,
    period: spanText(view.periodS),
    end: answer.to,
    window: answer.window,
    aggregate,
    time_zone: timeZone(),
  };
}

/* Whether the tags mean one series: refused, with words, when they do not. */
export function aloneRequest(view: HistoryView, answer: { to: string }): object {
  return { ...view.series, period: spanText(view.periodS), end: answer.to, aggregate: "last", points: 1 };
}
