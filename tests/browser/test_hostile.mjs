/* What nobody should send, on every topic that the page hears: shown as text or as bad, never run, and the page lives. */
import assert from "node:assert/strict";
import { NARROW } from "./guest.mjs";
import { stage, until } from "./stage.mjs";

const scene = stage({});

const HTML = '<img src=x onerror="window.broken=1"><script>window.broken=1</script><svg onload="window.broken=1">';
const LONG = "n".repeat(10_000);
const BIDI = "\u202egnisaelp\u2066 \u0000\u0007";
const NOW = new Date().toISOString();
const WORDS = [HTML, LONG, BIDI, "javascript:window.broken=1", "__proto__", "constructor"];

/* A good message of each kind, to be spoilt. */
const GOOD = {
  status: { schema: 1, service: "mill", state: "online", instance: "1", since: NOW },
  metrics: { schema: 1, service: "mill", time: NOW, events_processed: 1 },
  live: { schema: 1, service: "mill", time: NOW, events_total: 1 },
  alert: { schema: 1, service: "mill", rule: "stuck", subject: "-", state: "firing", level: "error", message: "m", timestamp: NOW },
  silenced: { schema: 1, silences: [{ service: "mill", rule: "stuck", subject: "-", until: NOW }] },
  rejected: { schema: 1, reason: "bad_payload", words: "w", topic: "t", time: NOW },
};
const TOPICS = {
  status: "hearthline/services/mill/status",
  metrics: "hearthline/services/mill/metrics",
  live: "hearthline/services/mill/live",
  alert: "hearthline/alerts/mill/stuck/-",
  event: "hearthline/alerts/event",
  silenced: "hearthline/alerts/silenced",
  rejected: "hearthline/rejected/bad_payload",
};
const RETAINED = ["status", "metrics", "live", "alert", "silenced"];
const goodOf = (kind) => GOOD[kind === "event" ? "alert" : kind];

/* Every text of the message replaced, one at a time and where it may be any text. */
function spoiltTexts(kind) {
  const good = goodOf(kind);
  const texts = Object.keys(good).filter((key) => typeof good[key] === "string" && !["state", "level", "time", "timestamp", "since"].includes(key));
  return WORDS.map((words) => ({ ...good, ...Object.fromEntries(texts.map((key) => [key, words])), unknown: { [words]: words } }));
}

const base64 = (...bytes) => Buffer.from(bytes).toString("base64");
const CUT_MSGPACK = base64(0xdf, 0xff, 0xff, 0xff, 0xff); /* a map of four milliards, and nothing in it */
const DEEP = Buffer.concat([Buffer.alloc(5000, 0x91), Buffer.from([1])]).toString("base64"); /* lists in lists */

/* Payloads that are no message at all. */
function garbage(kind) {
  const good = JSON.stringify(goodOf(kind));
  return [
    ...["{", "NaN", "null", "[]", '"text"', "7", "[".repeat(50_000), good.slice(0, -1), `${good}x`].map((payload) => ({ payload })),
    ...["1e999", "NaN", "{}", "[]", "true", '""'].map((value) => ({ payload: good.replace(/"(time|timestamp|since)":"[^"]*"/, `"$1":${value}`) })),
    ...[CUT_MSGPACK, DEEP, base64(0xc1), base64(0x82, 0xa1, 0x61), base64(0xff, 0xfe, 0x00)].map((payload_base64) => ({ payload_base64 })),
    { payload_base64: CUT_MSGPACK, content_type: "application/msgpack" },
    { payload: good, content_type: "application/msgpack" },
    { payload_base64: base64(0x7b, 0xff, 0x7d), content_type: "application/json" },
  ];
}

async function lives(guest) {
  assert.equal(await guest.page.evaluate(() => window.broken), undefined, "something of a message was executed");
  for (const view of ["overview", "history", "alerts", "devices", "rejects"]) {
    await guest.goes(`#/${view}`);
    await guest.page.getByRole("link", { name: new RegExp(`^${view}`, "i"), includeHidden: false }).and(guest.page.locator("[aria-current=page]")).waitFor();
    const over = await guest.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${view} is ${over} px too wide`);
  }
  await guest.goes("#/overview");
  assert.equal(await guest.page.evaluate(() => window.broken), undefined, "something of a message was executed");
}

/* The page still hears: a service of another name appears. */
async function hears(house, guest, name) {
  await house.publish(`hearthline/services/${name}/status`, { ...GOOD.status, service: name });
  await guest.sees(name, 5000);
}

for (const kind of Object.keys(TOPICS))
  scene(`garbage as ${kind} is shown as bad`, async ({ house, visit }) => {
    const guest = await visit({ size: NARROW });
    for (const one of garbage(kind)) await house.do("publish", { topic: TOPICS[kind], ...one });
    await hears(house, guest, `after-${kind}`);
    await lives(guest);
    await guest.goes("#/rejects");
    await guest.sees(TOPICS[kind], 5000);
  });

for (const kind of Object.keys(TOPICS))
  scene(`markup, endless names and strange letters as ${kind} are texts`, async ({ house, visit }) => {
    const guest = await visit({ size: NARROW });
    for (const one of spoiltTexts(kind)) await house.publish(TOPICS[kind], one);
    await hears(house, guest, `behind-${kind}`);
    await lives(guest);
  });

scene("names in topics are texts too", async ({ house, visit }) => {
  const guest = await visit({ size: NARROW });
  for (const name of ["<b>bold</b>", "x".repeat(10_000), "__proto__", "constructor", "\u202emill"]) {
    await house.publish(`hearthline/services/${name}/status`, { ...GOOD.status, service: name });
    await house.publish(`hearthline/services/${name}/metrics`, { ...GOOD.metrics, service: name });
    await house.publish(`hearthline/alerts/${name}/r/s`, { ...GOOD.alert, service: name });
  }
  await hears(house, guest, "after-names");
  await lives(guest);
});

scene("what is bad and retained is there for whoever comes later, and hurts no more", async ({ house, visit, picture }) => {
  for (const kind of RETAINED) {
    await house.do("publish", { topic: TOPICS[kind], payload_base64: CUT_MSGPACK, retain: true });
    await house.publish(`${TOPICS[kind].replace("mill", "mill2")}`, spoiltTexts(kind)[0], { retain: true });
  }
  const guest = await visit();
  await hears(house, guest, "after-retained");
  await lives(guest);
  await guest.goes("#/rejects");
  await guest.sees(TOPICS.status, 5000);
  await guest.isAccessible((words) => picture(guest, `hostile rejects ${words}`));
  await guest.goes("#/overview");
  await guest.isAccessible((words) => picture(guest, `hostile overview ${words}`));
});

scene("a flood of new names is bounded", async ({ house, visit }) => {
  const guest = await visit();
  const status = JSON.stringify(GOOD.status);
  await house.do("publish_many", { messages: Array.from({ length: 700 }, (_, i) => [`hearthline/services/flood-${i}/status`, status]) });
  await until(async () => (await guest.page.locator("tbody tr").count()) >= 500, "the services", 20_000);
  assert.ok((await guest.page.locator("tbody tr").count()) <= 500);
  await lives(guest);
});
