/* Devices merged and searched, what is asked about alerts, what is notified, and originals fit to be seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AskError, type Asker } from "../../src/bus/ask";
import { acknowledge, endSilence, silence } from "../../src/house/acts";
import type { BadItems } from "../../src/house/bad";
import { found, merge, sorted } from "../../src/house/device_list";
import { Devices } from "../../src/house/devices";
import { askLastDays, type LastDay } from "../../src/house/last_day";
import { noticeOf } from "../../src/house/notices";
import { hexDump, originalOf } from "../../src/house/original";
import { rejectKey } from "../../src/house/rejects";
import type { Seen } from "../../src/messages/devices";
import type { Latest } from "../../src/messages/history";
import type { Alert, Rejected } from "../../src/messages/messages";

const T = (minute: number) => new Date(Date.UTC(2026, 10, 21, 10, minute)).toISOString();
const seen = (device: string, more: Partial<Seen> = {}): Seen => ({
  device,
  measurement: "device_metrics",
  tag: "device_id",
  last_seen: T(0),
  ...more,
});
const latest = (device: string, values: Latest["values"], more: Partial<Latest> = {}): Latest => ({
  ...seen(device),
  values,
  ...more,
});
const ALERT: Alert = {
  service: "system",
  rule: "device_silent",
  subject: "pot",
  state: "firing",
  level: "warning",
  message: "silent",
  timestamp: T(0),
};
const REJECTED: Rejected = { reason: "not_json", words: "w", topic: "t", time: T(0) };

type Asked = [endpoint: string, request: object];

function asker(asked: Asked[], answer: (endpoint: string, request: object) => object = () => ({})): Asker {
  return {
    ask: async (endpoint: string, request: object) => (asked.push([endpoint, request]), answer(endpoint, request)),
  } as unknown as Asker;
}

test("a device of several measurements is one, with all its fields and the newest time", () => {
  const [one, ...more] = merge(
    [
      seen("hvac", { stale: true, longest_interval_s: 60 }),
      seen("hvac", { measurement: "energy", stale: true, longest_interval_s: 30, last_seen: T(5) }),
    ],
    [latest("hvac", { temperature: 21 }), latest("hvac", { power_watts: 450 }, { measurement: "energy", last_seen: T(5) })],
  );
  assert.equal(more.length, 0);
  assert.equal(one!.lastSeenMs, Date.parse(T(5)));
  assert.deepEqual(
    one!.fields.map((f) => [f.series.measurement, f.series.field, f.series.tags, f.value]),
    [
      ["device_metrics", "temperature", { device_id: "hvac" }, 21],
      ["energy", "power_watts", { device_id: "hvac" }, 450],
    ],
  );
  assert.deepEqual([one!.habit, one!.pauseS], ["silent", 30]);
});

test("the same name under another tag is another device; one of a single answer is listed too", () => {
  const devices = merge([seen("a"), seen("a", { tag: "entity_id" })], [latest("b", { x: 1 })]);
  assert.deepEqual(
    devices.map((d) => d.name),
    ["a", "a", "b"],
  );
  assert.equal(new Set(devices.map((d) => d.key)).size, 3);
});

test("a device is silent when it is in all its measurements, and nothing is said of one without a habit", () => {
  const table: [(boolean | null)[], string][] = [
    [[true], "silent"],
    [[false], "usual"],
    [[null], "unknown"],
    [[true, false], "usual"],
    [[true, null], "unknown"],
    [[], "unknown"],
  ];
  for (const [stale, habit] of table) {
    const [device] = merge(
      stale.map((s, i) => seen("d", { measurement: `m${i}`, stale: s })),
      [latest("d", {})],
    );
    assert.equal(device!.habit, habit, JSON.stringify(stale));
  }
});

test("search finds all words in device, measurement and field, in any order and case", () => {
  const devices = merge(
    [seen("Kitchen-01", { stale: true }), seen("attic")],
    [latest("Kitchen-01", { temperature: 1 }), latest("attic", { humidity: 1 })],
  );
  const names = (text: string, silentOnly = false) => found(devices, { text, silentOnly, order: "name" }).map((d) => d.name);
  assert.deepEqual(names("TEMP kit"), ["Kitchen-01"]);
  assert.deepEqual(names("temp attic"), []);
  assert.deepEqual(names(" device_metrics "), ["Kitchen-01", "attic"]);
  assert.deepEqual(names("", true), ["Kitchen-01"]);
});

test("orders: by name with numbers as numbers, newest first, silent first", () => {
  const devices = merge(
    [seen("d10", { last_seen: T(3) }), seen("d9", { last_seen: T(1), stale: true }), seen("d1", { last_seen: T(2) })],
    [],
  );
  const names = (order: "name" | "seen" | "silent") =>
    sorted(devices, order)
      .map((d) => d.name)
      .join(" ");
  assert.deepEqual([names("name"), names("seen"), names("silent")], ["d1 d9 d10", "d10 d1 d9", "d9 d1 d10"]);
});

test("bad items of an answer are left out and noted; a failure keeps the list and says why", async () => {
  const notes: string[] = [];
  const bad = { note: (topic: string, words: string) => notes.push(`${topic}: ${words}`) } as unknown as BadItems;
  let fails = false;
  const devices = new Devices(
    asker([], (endpoint) => {
      if (fails) throw new AskError("unavailable", "InfluxDB is away");
      return {
        devices: endpoint === "devices" ? [seen("a"), { device: 7 }] : [latest("a", { x: 1 })],
        truncated: endpoint === "devices",
      };
    }),
    bad,
  );
  await devices.load();
  assert.deepEqual([devices.list.value.length, devices.truncated.value, devices.error.value], [1, true, ""]);
  assert.deepEqual(notes, ["devices: 1 of the answer cannot be read"]);
  fails = true;
  await devices.load();
  assert.deepEqual([devices.list.value.length, devices.error.value, devices.loading.value], [1, "InfluxDB is away", false]);
});

test("the last days are asked one after the other, and no longer than they are wanted", async () => {
  const series = ["a", "b", "c"].map((field) => ({ measurement: "m", field, tags: {} }));
  const asked: Asked[] = [];
  const told: [number, LastDay][] = [];
  const answering = asker(asked, () => {
    if (asked.length === 1) throw new AskError("timeout", "No answer");
    return {
      timestamp: T(0),
      aggregate: "mean",
      from: T(0),
      to: T(9),
      window: "15m",
      rows: [[1, 2]],
      source: "influxdb",
      cached: false,
      cache_age_s: 0,
    };
  });
  await askLastDays(
    answering,
    series,
    (index, day) => told.push([index, day]),
    () => told.length < 2,
  );
  assert.deepEqual(told, [
    [0, { error: "No answer" }],
    [1, { points: [[1, 2]] }],
  ]);
  assert.equal(asked.length, 2);
});

test("acts name the alert, and leave out what is empty", async () => {
  const asked: Asked[] = [];
  const ask = asker(asked);
  await acknowledge(ask, ALERT, { by: "kim", why: "  " });
  await acknowledge(ask, { ...ALERT, subject: "" }, { by: "", why: "ä".repeat(300) });
  await silence(ask, ALERT, "8h", { by: "kim", why: "new battery" });
  await endSilence(ask, { rule: "device_silent", until: T(0), by: "kim" });
  assert.deepEqual(asked, [
    ["alerts/acknowledge", { service: "system", rule: "device_silent", subject: "pot", by: "kim" }],
    ["alerts/acknowledge", { service: "system", rule: "device_silent", why: "ä".repeat(127) }],
    [
      "alerts/silence",
      { match: { service: "system", rule: "device_silent", subject: "pot" }, for: "8h", by: "kim", why: "new battery" },
    ],
    ["alerts/silence", { match: { rule: "device_silent" }, remove: true }],
  ]);
});

test("what fires and what is over is notified under one tag; acknowledged and silenced are not", () => {
  const fires = noticeOf(ALERT)!;
  const over = noticeOf({ ...ALERT, state: "resolved" })!;
  assert.deepEqual([fires.title, fires.silent, over.title, over.silent], ["Warning from the house", false, "Over", true]);
  assert.equal(fires.tag, over.tag);
  assert.notEqual(fires.tag, noticeOf({ ...ALERT, subject: "pan" })!.tag);
  assert.equal(noticeOf({ ...ALERT, state: "acknowledged" }), null);
  assert.equal(noticeOf({ ...ALERT, silenced: true }), null);
  assert.ok(noticeOf({ ...ALERT, message: "x".repeat(10_000) })!.body.length < 300);
});

test("bytes are dumped sixteen a line, with what can be read of them", () => {
  const lines = hexDump(Uint8Array.from({ length: 18 }, (_, i) => 0x30 + i)).split("\n");
  assert.equal(lines[0], "00000000  30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f  |0123456789:;<=>?|");
  assert.match(lines[1]!, /^00000010  40 41 +\|@A\|$/);
});

test("an original is text, bytes or nothing, and says when it is not whole", () => {
  const of = (more: Partial<Rejected>) => {
    const { kind, shown, whole } = originalOf({ ...REJECTED, ...more });
    return [kind, shown, whole];
  };
  assert.deepEqual(of({ payload: "hello" }), ["text", 5, true]);
  assert.deepEqual(of({ payload: "hello", cut: true }), ["text", 5, false]);
  assert.deepEqual(of({ payload: "x".repeat(9000) }), ["text", 8192, false]);
  assert.deepEqual(of({ payload_base64: "//4=" }), ["bytes", 2, true]);
  assert.deepEqual(of({ payload_base64: btoa("x".repeat(3000)) }), ["bytes", 1024, false]);
  assert.deepEqual(of({ payload_base64: "no base64!" }), ["none", 0, true]);
  assert.deepEqual(of({}), ["none", 0, true]);
});

test("a rejected message that is heard and answered is known as the same; elements are told apart", () => {
  const one = { ...REJECTED, arrival_ns: "17", element: 1 };
  assert.equal(rejectKey(one), rejectKey({ ...one, source: "answered" }));
  assert.notEqual(rejectKey(one), rejectKey({ ...one, element: 2 }));
});
