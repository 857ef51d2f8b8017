import assert from "node:assert/strict";
import { test } from "node:test";
import { choicesOf, energyOf, search } from "../../src/house/catalogue";
import { merge, OTHERS, statesOf, summaryOf, totalOf, trendsOf, withoutPauses, type Numbers } from "../../src/house/history_data";
import { checkHistory, type HistoryAnswer, type HistoryRow } from "../../src/messages/history";
import { sparkPath } from "../../src/house/spark";

const answer = (rows: unknown, more: object = {}) => ({
  timestamp: "2026-11-20T10:00:00Z",
  from: "2026-11-20T09:00:00Z",
  to: "2026-11-20T10:00:00Z",
  aggregate: "mean",
  window: "1m",
  source: "influxdb",
  cached: false,
  cache_age_s: 0,
  rows,
  ...more,
});
const rows = (...cells: HistoryRow[1][]): HistoryAnswer => answer(cells.map((cell, i) => [i * 1000, cell])) as HistoryAnswer;

test("an answer is believed only as far as it is one", () => {
  const good = [
    [],
    [
      [1, 2.5],
      [2, null],
    ],
    [
      [1, "on"],
      [2, false],
    ],
    [[1, { on: 1, off: 2 }]],
  ];
  for (const r of good) assert.ok(checkHistory(answer(r)).ok, JSON.stringify(r));
  const bad = [
    undefined,
    {},
    [1],
    [["1", 2]],
    [
      [2, 1],
      [1, 1],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [[1, [1]]],
    [[1, { on: "x" }]],
    [[1, { on: -1 }]],
    [[NaN, 1]],
    [[1]],
    [null],
  ];
  for (const r of bad) assert.ok(!checkHistory(answer(r)).ok, JSON.stringify(r));
  assert.ok(!checkHistory(answer([], { from: "soon" })).ok);
});

test("four answers become columns; what one lacks is null there", () => {
  const numbers = merge(
    rows(1, null, 3),
    rows(0, null, 2),
    answer([
      [0, 5],
      [2000, 6],
    ]) as HistoryAnswer,
    rows(10, 0, 30),
  );
  assert.deepEqual(numbers, {
    times: [0, 1000, 2000],
    mean: [1, null, 3],
    min: [0, null, 2],
    max: [5, null, 6],
    count: [10, 0, 30],
  });
});

test("the mean of all is that of the values, not of the windows' means", () => {
  const numbers = merge(rows(1, null, 3), rows(0, null, 2), rows(5, null, 6), rows(10, 0, 30));
  assert.deepEqual(summaryOf(numbers), { min: 0, mean: 2.5, max: 6, count: 40 });
});

test("of nothing there is no lowest, mean or highest", () => {
  assert.deepEqual(summaryOf(merge(rows(null), rows(null), rows(null), rows(0))), {
    min: null,
    mean: null,
    max: null,
    count: 0,
  });
  assert.deepEqual(totalOf([null, null]), { total: null, min: null, mean: null, max: null });
  assert.deepEqual(totalOf([0, null, 3]), { total: 3, min: 0, mean: 1.5, max: 3 });
});

function numbersOf(mean: (number | null)[]): Numbers {
  return { times: mean.map((_, i) => i), mean, min: mean, max: mean, count: mean.map((v) => (v === null ? 0 : 1)) };
}

test("a gap stays a gap, the pause between two readings is none", () => {
  const every3 = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? i : null));
  assert.ok(withoutPauses(numbersOf(every3)).mean.every((v) => v !== null));
  const outage = every3.map((v, i) => (i > 9 && i < 21 ? null : v));
  const { times, mean } = withoutPauses(numbersOf(outage));
  assert.deepEqual(mean, [0, 3, 6, 9, null, 21, 24, 27]);
  assert.equal(times[4], 10);
  assert.deepEqual(withoutPauses(numbersOf([null, null])).times, []);
  assert.deepEqual(withoutPauses(numbersOf([null, 1, null])).mean, [1]);
});

test("trends in the order of time; what was not told is null and not 0", () => {
  const trends = trendsOf([
    { time: "2026-11-20T09:05:00Z", count: null, errors: null },
    { time: "2026-11-20T09:00:00Z", count: 601, errors: 0 },
  ]);
  assert.deepEqual(trends, {
    times: [Date.parse("2026-11-20T09:00:00Z"), Date.parse("2026-11-20T09:05:00Z")],
    events: [601, null],
    errors: [0, null],
  });
});

test("states: the longest first, the rare ones together, unknown windows null", () => {
  const states = statesOf([
    [0, { on: 10, off: 50 }],
    [1, null],
    [2, { off: 60 }],
  ]);
  assert.deepEqual(states, {
    times: [0, 1, 2],
    names: ["off", "on"],
    seconds: [
      [50, null, 60],
      [10, null, 0],
    ],
    totals: [110, 10],
  });
  const many = statesOf([[0, Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`s${i}`, 10 - i]))]]);
  assert.deepEqual(many.names, ["s0", "s1", "s2", "s3", "s4", "s5", OTHERS]);
  assert.equal(many.totals[6], 4 + 3 + 2 + 1);
});

const devices = [
  { device: "hall-kitchen", measurement: "device_metrics", tag: "device_id", last_seen: "", values: { humidity: 40 } },
  {
    device: "kitchen-01",
    measurement: "device_metrics",
    tag: "device_id",
    last_seen: "",
    values: { temperature: 21.5, mode: "eco" },
  },
  { device: "heat-pump", measurement: "energy", tag: "device_id", last_seen: "", values: { energy_kwh: 3, power_watts: 5 } },
];

test("a series is found by any of its words, the names that begin with them first", () => {
  const choices = choicesOf(devices);
  const found = (text: string) => search(choices, text).map(({ device, series }) => `${device} ${series.field}`);
  assert.deepEqual(found("KITCHEN"), ["kitchen-01 temperature", "kitchen-01 mode", "hall-kitchen humidity"]);
  assert.deepEqual(found("temp kit"), ["kitchen-01 temperature"]);
  assert.deepEqual(found("garage"), []);
  assert.equal(found(" ").length, 5);
  assert.deepEqual(choices[1]!.series, {
    measurement: "device_metrics",
    field: "temperature",
    tags: { device_id: "kitchen-01" },
  });
  assert.deepEqual(
    energyOf(choices).map(({ series }) => series.field),
    ["energy_kwh"],
  );
});

test("a sparkline lifts its pen at gaps, and shows what stands alone", () => {
  assert.equal(sparkPath([]), "");
  assert.equal(sparkPath([[0, null]]), "");
  assert.equal(
    sparkPath(
      [
        [0, 0],
        [50, 10],
        [100, 0],
      ],
      104,
      24,
    ),
    "M2.0 22.0L52.0 2.0L102.0 22.0",
  );
  assert.equal(
    sparkPath(
      [
        [0, 1],
        [1, null],
        [2, 1],
        [3, 1],
      ],
      34,
      10,
    ),
    "M2.0 5.0h1M22.0 5.0L32.0 5.0",
  );
});
