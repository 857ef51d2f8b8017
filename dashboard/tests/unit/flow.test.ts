/* What the picture of the flow and its sentence say of what was heard. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectionState } from "../../src/bus/connection";
import { flowOf, type Flow } from "../../src/house/flow";
import { ledgerDifference } from "../../src/house/ledger";
import { Rate } from "../../src/house/rate";
import type { Service } from "../../src/house/services";
import { summaryOf } from "../../src/house/summary";
import type { Alert, Live, ServiceMetrics, Status } from "../../src/messages/messages";

const NOW = Date.parse("2026-11-21T10:00:00Z");
const ONLINE: ConnectionState = { phase: "online", words: "", sinceMs: NOW - 60_000, retryAtMs: null };
const AWAY: ConnectionState = { phase: "waiting", words: "The broker does not answer", sinceMs: NOW, retryAtMs: NOW + 1000 };

function rate(perMinute: number): Rate {
  const made = new Rate();
  made.add(NOW - 20_000, 1000);
  made.add(NOW, 1000 + perMinute / 3);
  return made;
}

function service(name: string, live: Partial<Live> = {}, how: Partial<Service> = {}, state: Status["state"] = "online"): Service {
  return {
    name,
    status: { service: name, state, instance: "a", since: "2026-11-21T09:00:00Z" },
    live: { service: name, time: "2026-11-21T10:00:00Z", influxdb: "answering", ...live },
    heardMs: NOW,
    rates: { events_total: rate(120), points_stored: rate(300) },
    ...how,
  };
}

const flow = (writer?: Service, query?: Service, connection = ONLINE) =>
  flowOf({ connection, writer, query, livePerMinute: 60, nowMs: NOW });
const states = (of: Flow) => Object.values(of.nodes).map((node) => node.state).join(" ");
const broken = (of: Flow) => Object.entries(of.links).filter(([, link]) => link.broken).map(([name]) => name).join(" ");

test("what runs is online, each link with its figure", () => {
  const well = flow(service("writer"), service("query", { source: "influxdb" }));
  assert.equal(states(well), "online online online online online online");
  assert.equal(broken(well), "");
  assert.deepEqual(Object.values(well.links).map((link) => link.perMinute), [120, 120, 300, 120, 120, 120, 60]);
  assert.equal(well.links.fallback.shown, false);
});

test("the fallback breaks one link and shows the one instead of it", () => {
  const query = service("query", { source: "services-fallback", influxdb: "away" });
  const away = flow(service("writer", { influxdb: "away", influxdb_reason: "connection refused" }), query);
  assert.equal(broken(away), "write read");
  assert.equal(away.links.fallback.shown, true);
  assert.deepEqual(away.nodes.influxdb, { title: "InfluxDB", state: "offline", words: "connection refused" });
  assert.equal(away.nodes.writer.state, "degraded");
});

test("what a silent service said of InfluxDB, and its rate, do not count any more", () => {
  const silent = service("writer", { influxdb: "away" }, { heardMs: NOW - 31_000 });
  const seen = flow(silent, service("query"));
  assert.equal(seen.nodes.writer.state, "stale");
  assert.equal(seen.nodes.influxdb.state, "online");
  assert.equal(seen.links.journal.perMinute, null);
  assert.equal(flow(service("writer", {}, {}, "offline"), service("query")).links.write.broken, true);
});

test("nothing is known without the broker, or before anybody spoke", () => {
  assert.equal(states(flow(service("writer"), service("query"), AWAY)), "unknown offline unknown unknown unknown online");
  assert.equal(states(flow()), "unknown online unknown unknown unknown online");
  assert.equal(flow().links.journal.perMinute, null);
});

test("a rate is what was added lately, 0 when nothing was, null when nobody can tell", () => {
  const one = new Rate();
  assert.equal(one.perMinute(NOW), null);
  one.add(NOW, 5);
  assert.equal(one.perMinute(NOW), null);
  assert.equal(one.perMinute(NOW + 31_000), 0);
  for (let i = 1; i <= 100; i++) one.add(NOW + i * 1000, 5 + i * 2);
  assert.equal(one.perMinute(NOW + 100_000), 120);
  assert.ok(one.perMinute(NOW + 115_000)! < 120, "it sinks while nothing comes");
  one.add(NOW + 101_000, 3); /* a new life */
  assert.equal(one.perMinute(NOW + 101_000), null);
});

test("what comes after a long silence is not spread over it", () => {
  const one = new Rate();
  one.add(NOW - 3 * 3_600_000, 100);
  assert.equal(one.perMinute(NOW), 0);
  one.add(NOW, 160);
  assert.ok(Math.abs(one.perMinute(NOW)! - 120) < 3, `${one.perMinute(NOW)}`);
  for (let i = 1; i <= 9; i++) one.add(NOW + i * 10_000, 160 + i);
  assert.ok(Math.abs(one.perMinute(NOW + 95_000)! - 6) < 0.2, "one in ten seconds");
});

test("two totals of one moment make no rate", () => {
  const one = new Rate();
  one.add(NOW, 1);
  one.add(NOW, 2);
  assert.equal(one.perMinute(NOW), null);
});

test("a rate of many totals in a moment keeps few points, and is right", () => {
  const one = new Rate();
  for (let i = 0; i <= 60_000; i++) one.add(NOW + i, i);
  assert.ok(Math.abs(one.perMinute(NOW + 60_000)! - 60_000) < 1);
  assert.ok(JSON.stringify(one).length < 20_000);
});

const LEDGER = { decoded: 5, repeated: 1, ignored: 1, rejected: 1, dropped: 0, pending: 2,
  points_stored: 3, points_merged: 1, points_rejected: 0, points_dropped: 0, points_pending: 1 };
const metrics = (more: object) => ({ service: "writer", time: "2026-11-21T10:00:00Z", ...more }) as ServiceMetrics;

test("the ledger", () => {
  assert.deepEqual(ledgerDifference(metrics({ ...LEDGER, received: 10, points_made: 5 })), { messages: 0, points: 0 });
  assert.deepEqual(ledgerDifference(metrics({ ...LEDGER, received: 12, points_made: 4 })), { messages: 2, points: -1 });
  assert.equal(ledgerDifference(metrics({ received: 12 })), null);
  assert.equal(ledgerDifference(undefined), null);
});

const alert = (level: Alert["level"], message: string, state: Alert["state"] = "firing"): Alert => ({
  service: "system", rule: "r", subject: "", state, level, message, timestamp: "2026-11-21T10:00:00Z",
});

test("the worst is said first", () => {
  const writer = service("writer");
  const query = service("query");
  const said = (w: Service | undefined, q: Service | undefined, alerts: Alert[] = [], connection = ONLINE) =>
    summaryOf(flow(w, q, connection), w, alerts);
  assert.deepEqual(said(writer, query), { level: "good", words: "All is well: what comes is stored.", waiting: "" });
  assert.equal(said(writer, query, [alert("warning", "silent")]).words, "silent");
  assert.equal(said(writer, query, [alert("warning", "silent"), alert("error", "broken")]).words, "broken");
  assert.equal(said(writer, query, [alert("error", "over", "resolved")]).level, "good");
  const away = said(service("writer", { influxdb: "away", pending: 7 }), query, [alert("error", "x")]);
  assert.deepEqual(away, { level: "warn", words: "InfluxDB is away; nothing is lost.", waiting: "7 messages wait in the journal." });
  assert.match(said(service("writer", {}, {}, "offline"), query).words, /writer is off/);
  assert.match(said(writer, query, [], AWAY).words, /broker is away/);
  assert.match(said(undefined, query).words, /not heard of/);
  assert.match(said(writer, service("query", {}, {}, "offline")).words, /query service is off/);
});
