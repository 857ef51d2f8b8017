/* Energy by the hours of a day and by the days of a month, both as the browser's calendar has them. Pure. */
import type { HistoryView, Range } from "./history_view";
import { seriesOf, seriesQuery, type Series } from "./series";

export type EnergySpan = "day" | "month";

export interface EnergyView {
  span: EnergySpan;
  on: string; /* 2026-11-20 or 2026-11; "": today, this month */
  series: Series | null;
}

const two = (n: number) => String(n).padStart(2, "0");

export function energyViewOf(query: URLSearchParams): EnergyView {
  const span = query.get("span") === "month" ? "month" : "day";
  const on = query.get("on") ?? "";
  const form = span === "day" ? /^[12]\d{3}-[01]\d-[0-3]\d$/ : /^[12]\d{3}-[01]\d$/;
  return { span, on: form.test(on) ? on : "", series: seriesOf(query) };
}

export function energyQuery({ span, on, series }: EnergyView): Record<string, string> {
  return { ...(series ? seriesQuery(series) : {}), show: "energy", span, ...(on ? { on } : {}) };
}

function startOf({ span, on }: EnergyView, nowMs: number, step = 0): Date {
  const now = new Date(nowMs);
  const [year, month, day] = on ? on.split("-").map(Number) : [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return span === "day" ? new Date(year!, month! - 1, day! + step) : new Date(year!, month! - 1 + step, 1);
}

/* The whole day or month, also what of it is still to come. */
export function energyRange(view: EnergyView, nowMs: number): Range {
  return { fromMs: startOf(view, nowMs).getTime(), toMs: startOf(view, nowMs, 1).getTime() };
}

/* With its name, also of today and this month: it shows the same tomorrow. */
export function energyNamed(view: EnergyView, nowMs: number): EnergyView {
  return { ...view, on: nameOf(view.span, startOf(view, nowMs)) };
}

function nameOf(span: EnergySpan, start: Date): string {
  const month = `${start.getFullYear()}-${two(start.getMonth() + 1)}`;
  return span === "day" ? `${month}-${two(start.getDate())}` : month;
}

/* The one before (step -1) or behind (1); today and this month without a name, so that they go on with the time. */
export function energyStep(view: EnergyView, step: number, nowMs: number): EnergyView {
  const start = startOf(view, nowMs, step);
  const isNow = start.getTime() >= startOf({ ...view, on: "" }, nowMs).getTime();
  return { ...view, on: isNow ? "" : nameOf(view.span, start) };
}

/* What of it is over, as a question for the history: whole minutes from its beginning. */
export function energyHistory(view: EnergyView, nowMs: number): HistoryView {
  const { fromMs, toMs } = energyRange(view, nowMs);
  const periodS = Math.max(1, Math.floor((Math.min(nowMs, toMs) - fromMs) / 60_000)) * 60;
  const endMs = Math.min(nowMs, fromMs + periodS * 1000);
  return { show: "energy", periodS, endMs, series: view.series, shape: "rise", window: view.span === "day" ? "1h" : "1d" };
}
