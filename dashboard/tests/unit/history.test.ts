import assert from "node:assert/strict";
import { test } from "node:test";
import { AskError, type Asker } from "../../src/bus/ask";
import type { BadItems } from "../../src/house/bad";
import { History, type Shown } from "../../src/house/history";
import { viewOf } from "../../src/house/history_view";

type Request = Record<string, unknown>;
type Said = (endpoint: string, request: Request) => unknown;

const view = (query: string) => viewOf(new URLSearchParams(query));
const SERIES = "show=series&measurement=m&field=f&tag.device_id=d";

const envelope = (more: object) => ({
  timestamp: new Date().toISOString(),
  from: "2026-11-20T09:00:00Z",
  to: "2026-11-20T10:00:00Z",
  window: "30m",
  source: "influxdb",
  cached: false,
  cache_age_s: 0,
  ...more,
});
const FIGURES: Record<string, number> = { mean: 2, min: 1, max: 3, count: 4, last: 2 };
const numbers: Said = (_endpoint, { aggregate = "mean" }) =>
  envelope({
    aggregate,
    rows: [
      [1000, FIGURES[aggregate as string]],
      [2000, aggregate === "count" ? 0 : null],
    ],
  });

/* A query service that says what it is told to, and remembers what it was asked. */
function serviceThat(says: Said) {
  const asked: [string, Request][] = [];
  const noted: string[] = [];
  const asker = {
    ask: async (endpoint: string, request: Request) => {
      asked.push([endpoint, request]);
      return says(endpoint, request);
    },
  } as unknown as Asker;
  const bad = { note: (topic: string, words: string) => noted.push(`${topic}: ${words}`) } as unknown as BadItems;
  return { asked, noted, history: new History(asker, bad) };
}

const refuse = (words: string): never => {
  throw new AskError("bad_request", words);
};

test("numbers: four aggregates over the very same windows, and whether it is one series", async () => {
  const { asked, history } = serviceThat(numbers);
  await history.load(view(SERIES));
  const shown = history.shown.value as Extract<Shown, { kind: "numbers" }>;
  assert.deepEqual(shown.numbers, { times: [1000, 2000], mean: [2, null], min: [1, null], max: [3, null], count: [4, 0] });
  assert.deepEqual([shown.mixed, shown.windowMs, shown.source], ["", 1_800_000, "influxdb"]);
  const [, ...beside] = asked.map(([, request]) => request);
  assert.deepEqual(
    beside.map(({ aggregate }) => aggregate),
    ["min", "max", "count", "last"],
  );
  for (const { end, tags } of beside) assert.deepEqual([end, tags], ["2026-11-20T10:00:00Z", { device_id: "d" }]);
  assert.ok(beside.slice(0, 3).every(({ window }) => window === "30m"));
});

test("several series in one are said, with the query service's words", async () => {
  const { history } = serviceThat((e, r) => (r["aggregate"] === "last" ? refuse('tags: name the tag "metric"') : numbers(e, r)));
  await history.load(view(SERIES));
  assert.equal((history.shown.value as Extract<Shown, { kind: "numbers" }>).mixed, 'tags: name the tag "metric"');
});

test("what is no number is shown by the time in each state", async () => {
  const { asked, history } = serviceThat((_e, { aggregate = "last" }) =>
    envelope({ aggregate, rows: [[1000, aggregate === "last" ? "on" : { on: 60, off: 30 }]] }),
  );
  await history.load(view(SERIES));
  assert.equal(history.shown.value?.kind, "states");
  assert.deepEqual(
    asked.map(([, { aggregate }]) => aggregate),
    [undefined, "time_in_state"],
  );
});

test("trends say their source, their age and what is missing; bad ones are noted", async () => {
  const { asked, noted, history } = serviceThat(() =>
    envelope({
      source: "services-fallback",
      age_s: 4.5,
      missing: [{ figure: "trends", reason: "heard since 09:58 only" }],
      trends: [{ time: "2026-11-20T09:00:00Z", count: 1, errors: null }, { time: "then" }, 7],
    }),
  );
  await history.load(view("show=trends&period=1h"));
  const shown = history.shown.value as Extract<Shown, { kind: "trends" }>;
  assert.deepEqual(
    [shown.source, shown.ageS, shown.missing],
    ["services-fallback", 4.5, [{ figure: "trends", reason: "heard since 09:58 only" }]],
  );
  assert.deepEqual(shown.trends.events, [1]);
  assert.deepEqual(noted, ["stats/trends: 2 of the answer cannot be read"]);
  assert.deepEqual(asked[0], ["stats/trends", { period: "1h", window: "1m" }]);
});

test("a failure keeps what is shown of the same series, and takes away what is of another", async () => {
  let fails = false;
  const { history } = serviceThat((e, r) => (fails ? refuse("InfluxDB is away") : numbers(e, r)));
  await history.load(view(SERIES));
  fails = true;
  await history.load(view(`${SERIES}&period=7d`));
  assert.deepEqual(
    [history.error.value, history.shown.value?.kind, history.loading.value],
    ["InfluxDB is away", "numbers", false],
  );
  await history.load(view("show=series&measurement=m&field=other"));
  assert.equal(history.shown.value, null);
});

test("of two questions the later one counts, whichever is answered first", async () => {
  const waiting: (() => void)[] = [];
  const { history } = serviceThat(async (_e, { period }) => {
    if (period === "1h") await new Promise<void>((resolve) => waiting.push(resolve));
    return envelope({ window: period === "1h" ? "1m" : "6h", trends: [], missing: [] });
  });
  const slow = history.load(view("show=trends&period=1h"));
  await history.load(view("show=trends&period=30d"));
  for (const go of waiting) go();
  await slow;
  assert.equal(history.shown.value?.window, "6h");
});

test("an answer that is none is said as such", async () => {
  for (const answer of [
    {},
    envelope({
      rows: [
        [1, 2],
        [1, 2],
      ],
      aggregate: "mean",
    }),
    { rows: "x" },
  ]) {
    const { history } = serviceThat(() => answer);
    await history.load(view(SERIES));
    assert.match(history.error.value, /cannot be read/);
  }
});

test("now is by the query service's clock, so that no end lies in its future", async () => {
  const { history } = serviceThat((e, r) => ({
    ...(numbers(e, r) as object),
    timestamp: new Date(Date.now() - 60_000).toISOString(),
  }));
  await history.load(view(SERIES));
  assert.ok(Math.abs(Date.now() - 60_000 - history.now()) < 5000);
});

test("without a series nothing is asked", async () => {
  const { asked, history } = serviceThat(numbers);
  await history.load(view("show=series"));
  assert.deepEqual([asked.length, history.loading.value], [0, false]);
});
