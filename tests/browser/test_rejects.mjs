/* Rejected messages with their originals, and what the page itself could not read. */
import assert from "node:assert/strict";
import { holds, stage, until } from "./stage.mjs";

const scene = stage({});

const rows = (guest) => guest.page.locator(".reject");
const reject = (guest, words) => guest.page.locator(".reject", { hasText: words });
const LONG = `<img src=x onerror="console.error('ran')">\u202e${"y".repeat(100_000)}`;

scene("what was rejected before the page was there, and what is rejected while it is", async ({ house, visit, picture }) => {
  await house.publish("hearthline/readings/kitchen-01", "{temperature:");
  const guest = await visit({ view: "/rejects" });
  await reject(guest, "hearthline/readings/kitchen-01").waitFor();
  await house.publish("hearthline/readings/attic", "", {
    payload_base64: Buffer.from([0xff, 0xfe, 0x41, 0x00]).toString("base64"),
  });
  const attic = reject(guest, "hearthline/readings/attic");
  await attic.waitFor({ timeout: 5000 });
  await holds(async () => assert.match(await rows(guest).first().innerText(), /attic/));
  await attic.locator("summary").press("Enter");
  await holds(async () =>
    assert.match(await attic.getByRole("region", { name: "Original" }).innerText(), /^00000000 {2}ff fe 41 00 .*\|\.\.A\.\|$/),
  );
  await reject(guest, "kitchen-01").locator("summary").click();
  await holds(async () => assert.match(await reject(guest, "kitchen-01").innerText(), /Original \(13 B\)[\s\S]*\{temperature:/));
  await holds(async () => assert.match(await reject(guest, "kitchen-01").innerText(), /Arrived\s*\d\d \w+ \d{4}.* CES?T/));
  await guest.isAccessible((words) => picture(guest, `rejects ${words}`));
});

scene("a line that InfluxDB refused is shown", async ({ house, visit }) => {
  await house.publish("hearthline/rejected/server", {
    schema: 1,
    reason: "server",
    words: "field type conflict",
    topic: "hearthline/line",
    source: "line",
    time: new Date().toISOString(),
    arrival_ns: "1795168802000000000",
    line: 'door value="open"',
  });
  const guest = await visit({ view: "/rejects" });
  await reject(guest, "field type conflict").locator("summary").click();
  await holds(async () =>
    assert.match(await reject(guest, "field type conflict").innerText(), /Line of line protocol\s+door value="open"/),
  );
});

scene("they are filtered by reason, by click and by keyboard, and the address keeps it", async ({ visit }) => {
  const guest = await visit({ view: "/rejects" });
  await until(async () => (await rows(guest).count()) === 3, "all of them");
  const reason = guest.page.getByLabel("Reason");
  await reason.selectOption("server");
  await until(async () => (await rows(guest).count()) === 1, "the one");
  await holds(async () => assert.equal(await guest.page.evaluate(() => location.hash), "#/rejects?reason=server"));
  await reason.press("ArrowUp");
  await until(async () => !(await guest.page.evaluate(() => location.hash)).includes("server"), "another reason");
  await reason.press("Home");
  await until(async () => (await rows(guest).count()) === 3, "all again");
});

scene("hostile originals are text, cut, and said to be", async ({ house, visit, picture }) => {
  await house.publish("hearthline/readings/evil", LONG);
  const guest = await visit({ view: "/rejects" });
  const evil = reject(guest, "hearthline/readings/evil");
  await evil.locator("summary").click();
  await holds(async () => assert.match(await evil.innerText(), /the first 8,192 characters/));
  assert.match(await evil.innerText(), /<img src=x onerror="console.error\('ran'\)">\[U\+202E\]yyy/);
  assert.equal(await guest.page.locator("main img").count(), 0);
  await guest.isAccessible((words) => picture(guest, `rejects hostile ${words}`));
});

scene("what is not what its topic says is shown as bad", async ({ house, visit, picture }) => {
  const guest = await visit({ view: "/rejects" });
  await house.publish("hearthline/services/<b>toaster/metrics", "{oops");
  await house.publish("hearthline/alerts/event", { schema: 1, service: 7 });
  const bad = guest.page.getByRole("region", { name: "Bad messages" });
  await bad.getByRole("row", { name: /<b>toaster\/metrics/ }).waitFor();
  await bad.getByRole("row", { name: /alerts\/event .*"service" is not a text/ }).waitFor();
  await guest.isAccessible((words) => picture(guest, `bad ${words}`));
});

scene(
  "without the query service what comes is shown, and what came before is said to be unknown; a kiosk has no controls",
  async ({ house, visit }) => {
    await house.end("query");
    const guest = await visit({ view: "/rejects#kiosk" });
    await guest.sees(/What came before is not known: No answer/);
    await house.publish("hearthline/readings/cellar", "{nonsense");
    await reject(guest, "cellar").waitFor({ timeout: 5000 });
    await holds(async () => assert.equal(await guest.page.locator("main select, header").count(), 0));
    await house.start("query");
    await guest.page.getByText("What came before is not known").waitFor({ state: "detached" });
  },
);
