/* The devices: found, opened, their last day, the way into History. */
import assert from "node:assert/strict";
import { furnishDevices } from "./devices_house.mjs";
import { holds, stage, until } from "./stage.mjs";

const scene = stage({});

const LISTED_MS = 40_000; /* the list is asked each 15 s, and an answer kept for 10 */

const HOSTILE = `<img src=x onerror="console.error('ran')">\u202e${"n".repeat(10_000)}`;
const search = (guest) => guest.page.getByRole("searchbox");
const rows = (guest) => guest.page.locator(".device");
const status = (guest) => guest.page.locator("#devices-title ~ p[role=status]").innerText();
const device = (guest, name) => guest.page.locator(".device", { hasText: name });
const escaped = (text) => text.replace(/[ ,=]/g, "\\$&");

/* Two hours of points, five minutes apart. */
function lines(name, temperature, count = 24) {
  return Array.from({ length: count }, (_, i) => {
    const ns = `${Date.now() - i * 300_000}000000`;
    return `device_metrics,device_id=${escaped(name)},source=test temperature=${temperature + i},humidity=48,mode="eco",heating=true ${ns}`;
  });
}

scene("a device that speaks is listed by itself, with its last values", async ({ house, visit }) => {
  const guest = await visit({ view: "/devices" });
  await guest.sees("No device was heard of in the last 7 days.");
  await house.publish("hearthline/readings/kitchen-01", { temperature: 21.5, mode: "eco" });
  await device(guest, "kitchen-01").waitFor({ timeout: LISTED_MS });
  await holds(async () =>
    assert.match(await device(guest, "kitchen-01").innerText(), /mode eco · temperature 21\.5[\s\S]*no habit yet[\s\S]*ago/),
  );
});

scene(
  "it opens by click and by keyboard: each field with its last day, and leads into its history and back",
  async ({ house, visit, picture }) => {
    await house.do("store", { lines: lines("attic-07", 20) });
    const guest = await visit({ view: "/devices" });
    await search(guest).fill("attic humid");
    await until(async () => (await rows(guest).count()) === 1, "the one device", LISTED_MS);
    const attic = device(guest, "attic-07");
    await attic.locator("summary").press("Enter");
    await attic.getByRole("img", { name: /^temperature, last 24 h: last 2\d.*, lowest 2\d.*, highest 4/ }).waitFor();
    await attic.getByRole("img", { name: /^humidity, last 24 h: last 48/ }).waitFor();
    await holds(async () => assert.match(await attic.innerText(), /heating\s+true\s+–/));
    await guest.isAccessible((words) => picture(guest, `devices ${words}`));
    await attic.locator("summary").click();
    await attic.getByRole("table").waitFor({ state: "detached" });
    await attic.locator("summary").click();
    await attic.getByRole("link", { name: "temperature" }).press("Enter");
    await until(
      () => guest.page.evaluate(() => location.hash.startsWith("#/history?show=series&measurement=device_metrics")),
      "the history",
    );
    const query = new URLSearchParams((await guest.page.evaluate(() => location.hash)).split("?")[1]);
    assert.deepEqual([query.get("field"), query.get("tag.device_id")], ["temperature", "attic-07"]);
    await guest.page.goBack();
    await until(async () => (await search(guest).inputValue()) === "attic humid", "the search as it was");
    await holds(async () => assert.equal(await rows(guest).count(), 1));
  },
);

scene("hostile names and values are text", async ({ house, visit, picture }) => {
  await house.do("store", { lines: lines(HOSTILE, 1, 1) });
  const guest = await visit({ view: "/devices?search=onerror" });
  await device(guest, "<img src=x").locator("summary").click();
  await device(guest, "<img src=x").getByRole("table").waitFor();
  await holds(async () => assert.match(await rows(guest).innerText(), /\[U\+202E\]nnn/));
  assert.ok((await rows(guest).innerText()).length < 1000);
  assert.equal(await guest.page.locator("main img").count(), 0);
  await guest.isAccessible((words) => picture(guest, `devices hostile ${words}`));
});

scene("InfluxDB away: the list stays, and is said to be old", async ({ house, visit }) => {
  const guest = await visit({ view: "/devices" });
  await device(guest, "kitchen-01").waitFor();
  await house.end("influxd");
  await guest.page.getByText("This list is old").waitFor({ timeout: 60_000 });
  await holds(async () => assert.ok(await device(guest, "kitchen-01").isVisible()));
  await house.start("influxd");
  await guest.page.getByText("This list is old").waitFor({ state: "detached", timeout: 60_000 });
});

scene("of five hundred devices, those that are looked for are found, and all again", async ({ house, visit }) => {
  await furnishDevices(house);
  const guest = await visit({ view: "/devices?search=sensor" });
  await until(async () => /^500 of/.test(await status(guest).catch(() => "")), "five hundred", LISTED_MS);
  await search(guest).fill("sensor-04");
  await until(async () => /^10 of/.test(await status(guest)), "ten");
  await holds(async () => assert.deepEqual(await rows(guest).count(), 10));
  await search(guest).fill("");
  await until(async () => Number(/^(\d+) of/.exec(await status(guest))?.[1]) >= 500, "all again");
});

scene("order and silent ones are chosen, and kept in the address; a kiosk has no controls", async ({ visit }) => {
  const guest = await visit({ view: "/devices?search=sensor-0" });
  await until(async () => /^100 of/.test(await status(guest).catch(() => "")), "a hundred");
  await holds(async () => assert.match(await rows(guest).first().innerText(), /^sensor-000/));
  await guest.page.getByLabel("Order").selectOption("last heard");
  await until(() => guest.page.evaluate(() => location.hash.includes("order=seen")), "the order in the address");
  await guest.page.getByLabel("Silent ones only").press("Space");
  await until(async () => /^0 of/.test(await status(guest)), "none of them silent");
  await guest.page.reload();
  await guest.isOnline();
  await until(async () => /^0 of/.test(await status(guest).catch(() => "")), "the same after a reload");
  await holds(async () => assert.ok(await guest.page.getByLabel("Silent ones only").isChecked()));
  await guest.goes("#/devices#kiosk");
  await rows(guest).first().waitFor();
  assert.equal(await guest.page.locator("main input, main select, header").count(), 0);
});
