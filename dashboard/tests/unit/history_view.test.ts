import assert from "node:assert/strict";
import { test } from "node:test";
import {
  energyHistory,
  energyNamed,
  energyQuery,
  energyRange,
  energyStep,
  energyViewOf,
  type EnergyView,
} from "../../src/house/energy";
import { aloneRequest, besideRequest, seriesRequest, trendsRequest, windowsOf } from "../../src/house/history_request";
import {
  panned,
  parseSpan,
  queryOf,
  rangeOf,
  spanText,
  viewOf,
  withRange,
  zoomed,
  type HistoryView,
} from "../../src/house/history_view";

const NOW = Date.parse("2026-11-20T10:00:00.500Z");
const MINUTE = 60_000;
const DAY = 86_400_000;
const series = { measurement: "device_metrics", field: "temperature", tags: { device_id: "kitchen/01 & more" } };
const view = (more: Partial<HistoryView> = {}): HistoryView => ({
  show: "series",
  periodS: 86_400,
  endMs: null,
  series,
  shape: "values",
  window: "",
  ...more,
});
const asked = (request: object) => request as Record<string, unknown>;

test("spans are read and written as requests have them", () => {
  for (const [text, seconds] of [
    ["15m", 900],
    ["24h", 86_400],
    ["7d", 604_800],
    ["90m", 5400],
    ["36h", 129_600],
    ["10s", 10],
  ] as const)
    assert.equal(parseSpan(text), seconds);
  for (const text of ["", "0m", "1", "m", "-1m", "1.5h", " 1h", "1w", "99999999m"]) assert.equal(parseSpan(text), null, text);
  for (const seconds of [900, 3600, 86_400, 604_800, 5400, 129_600, 172_800]) assert.equal(parseSpan(spanText(seconds)), seconds);
});

test("a view survives its address, whatever its names hold", () => {
  const views = [
    view(),
    view({ endMs: NOW, periodS: 2220 }),
    view({ shape: "states", window: "5m" }),
    view({ show: "trends", series: null }),
  ];
  for (const v of views) assert.deepEqual(viewOf(new URLSearchParams(new URLSearchParams(queryOf(v)).toString())), v);
});

test("what an address says wrongly is left out", () => {
  const v = viewOf(new URLSearchParams("show=nothing&period=never&end=soon&as=x&window=0s&field=temperature"));
  assert.deepEqual(v, view({ show: "trends", series: null }));
  assert.equal(viewOf(new URLSearchParams("period=9999d")).periodS, 366 * 86_400);
  assert.equal(viewOf(new URLSearchParams("period=1s")).periodS, 60);
});

test("zoom keeps what is under the pointer, and stops at a minute and a year", () => {
  const range = { fromMs: NOW - DAY, toMs: NOW };
  const half = zoomed(range, 0.5, 0.25, NOW);
  assert.equal(half.toMs - half.fromMs, DAY / 2);
  assert.equal(half.fromMs + (half.toMs - half.fromMs) * 0.25, range.fromMs + DAY * 0.25);
  const least = zoomed(range, 1e-9, 0.5, NOW);
  assert.equal(least.toMs - least.fromMs, MINUTE);
  const most = zoomed(range, 1e9, 0.5, NOW);
  assert.deepEqual([most.toMs, most.toMs - most.fromMs], [NOW, 366 * DAY]);
});

test("pan stops at now", () => {
  const range = { fromMs: NOW - 2 * DAY, toMs: NOW - DAY };
  assert.deepEqual(panned(range, 0.5, NOW), { fromMs: NOW - 1.5 * DAY, toMs: NOW - 0.5 * DAY });
  assert.deepEqual(panned(range, 7, NOW), { fromMs: NOW - DAY, toMs: NOW });
});

test("a range becomes whole minutes; what ends at now goes on with it", () => {
  const past = withRange(view(), { fromMs: NOW - DAY - 37.4 * MINUTE, toMs: NOW - DAY }, NOW);
  assert.equal(past.periodS, 37 * 60);
  const { fromMs, toMs } = rangeOf(past, NOW);
  assert.ok(Math.abs((fromMs + toMs) / 2 - (NOW - DAY - 18.7 * MINUTE)) < 1);
  assert.equal(withRange(past, { fromMs: NOW - 3 * MINUTE, toMs: NOW }, NOW).endMs, null);
});

test("what a view asks of history", () => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  assert.deepEqual(seriesRequest(view()), { ...series, period: "24h", points: 1000, time_zone: zone });
  assert.deepEqual(seriesRequest(view({ endMs: NOW, periodS: 2220, shape: "rise" }), "increase"), {
    ...series,
    period: "37m",
    end: "2026-11-20T10:00:00.500Z",
    points: 180,
    aggregate: "increase",
    time_zone: zone,
  });
  assert.equal(asked(seriesRequest(view({ window: "5m" })))["window"], "5m");
  assert.equal(asked(seriesRequest(view({ periodS: 30 * 86_400, window: "1m" })))["window"], undefined); /* too many rows */
  assert.equal(asked(seriesRequest(view({ periodS: 1800, window: "1h" })))["points"], 1);
  const answer = { to: "2026-11-20T10:00:00.250Z", window: "2m" };
  assert.deepEqual(besideRequest(view(), answer, "min"), {
    ...series,
    period: "24h",
    end: answer.to,
    window: "2m",
    aggregate: "min",
    time_zone: zone,
  });
  assert.deepEqual(aloneRequest(view(), answer), { ...series, period: "24h", end: answer.to, aggregate: "last", points: 1 });
});

test("trends are asked in windows that are kept, and not too many", () => {
  const trends = (periodS: number, window = "") => trendsRequest(view({ show: "trends", series: null, periodS, window }));
  const windows = [
    [900, "10s"],
    [3600, "1m"],
    [21_600, "5m"],
    [86_400, "15m"],
    [604_800, "1h"],
    [2_592_000, "6h"],
  ] as const;
  for (const [periodS, window] of windows) assert.deepEqual(trends(periodS), { period: spanText(periodS), window });
  assert.equal(asked(trends(86_400, "1m"))["window"], "15m"); /* from 6 h on there are 5 min only */
  assert.equal(asked(trends(86_400, "5m"))["window"], "5m");
  assert.deepEqual(windowsOf(view({ show: "trends", series: null, periodS: 3600 })), ["10s", "1m", "5m", "15m", "1h"]);
});

test("energy is asked by the browser's calendar, up to now", () => {
  const energy = (more: Partial<EnergyView> = {}): EnergyView => ({ span: "day", on: "", series, ...more });
  const now = new Date(2026, 10, 20, 10, 0, 30).getTime();
  const today = energyHistory(energy(), now);
  assert.deepEqual(
    [today.periodS, today.endMs, today.window, today.shape],
    [36_000, new Date(2026, 10, 20, 10).getTime(), "1h", "rise"],
  );
  const yesterday = energyHistory(energyStep(energy(), -1, now), now);
  assert.deepEqual([yesterday.periodS, yesterday.endMs], [86_400, new Date(2026, 10, 20).getTime()]);
  assert.deepEqual(energyRange(energy({ span: "month", on: "2026-02" }), now), {
    fromMs: new Date(2026, 1, 1).getTime(),
    toMs: new Date(2026, 2, 1).getTime(),
  });
  assert.equal(energyStep(energy({ span: "month", on: "2026-01" }), -1, now).on, "2025-12");
  assert.equal(energyStep(energy({ on: "2026-11-19" }), 1, now).on, "");
  assert.equal(energyNamed(energy(), now).on, "2026-11-20");
  assert.deepEqual(energyHistory(energy(), new Date(2026, 10, 20, 0, 0, 5).getTime()).periodS, 60);
});

test("an energy view survives its address", () => {
  for (const v of [
    { span: "day", on: "2026-11-19", series },
    { span: "month", on: "", series: null },
  ] as EnergyView[])
    assert.deepEqual(energyViewOf(new URLSearchParams(energyQuery(v))), v);
  assert.equal(energyViewOf(new URLSearchParams("span=day&on=2026-13-99x")).on, "");
});
