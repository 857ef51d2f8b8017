/* Alerts: seen, acknowledged, silenced, told to the browser; by click and by keyboard. */
import assert from "node:assert/strict";
import { holds, stage, until } from "./stage.mjs";

const QUERY = `  alerts:
    rules:
      - { name: too_warm, measurement: device_metrics, field: temperature, subject: device_id, aggregate: last, window: 1h,
          comparison: ">", threshold: 30, level: error, message: "{subject} is at {value} degrees" }
`;
const scene = stage({ query: QUERY });

const HOSTILE = "<img src=x onerror=\"console.error('ran')\"> \u202egnorw\u202c " + "x".repeat(10_000);
const card = (guest, words) => guest.page.locator(".alert", { hasText: words });
const group = (guest, name) => guest.page.getByRole("list", { name });
const warm = (house, device, temperature = 35) => house.publish(`hearthline/readings/${device}`, { temperature });

async function standing(house, more) {
  const alert = {
    schema: 1,
    service: "kettle",
    rule: "dry",
    subject: "pot",
    state: "firing",
    level: "warning",
    message: "no water",
    timestamp: new Date().toISOString(),
    ...more,
  };
  await house.publish(`hearthline/alerts/${alert.service}/${alert.rule}/${alert.subject}`, alert, { retain: true });
}

scene("an alert fires, is acknowledged by clicks with a reason, and is over", async ({ house, visit, picture }) => {
  const guest = await visit({ view: "/alerts" });
  await warm(house, "oven");
  const oven = card(guest, "oven is at 35 degrees");
  await oven.waitFor();
  await holds(async () => assert.match(await oven.innerText(), /▲ firing[\s\S]*■ error[\s\S]*35 \(limit 30\)/));
  await guest.isAccessible((words) => picture(guest, `alerts ${words}`));
  await oven.getByRole("button", { name: "Acknowledge" }).click();
  await guest.page.keyboard.type("the roast is in");
  await guest.isAccessible((words) => picture(guest, `alerts form ${words}`));
  await oven.getByRole("button", { name: "Acknowledge", exact: true }).click();
  await group(guest, "Acknowledged").getByText("the roast is in").waitFor();
  await holds(async () => assert.match(await card(guest, "oven").innerText(), /By\s*dashboard/));
  await holds(async () => assert.match(await guest.page.evaluate(() => document.activeElement.textContent), /^Acknowledged: oven/));
  await warm(house, "oven", 20);
  await group(guest, "Resolved lately").getByText(/oven/).first().waitFor();
});

scene("the keyboard alone acknowledges, silences and ends the silence", async ({ house, visit }) => {
  const guest = await visit({ view: "/alerts" });
  await warm(house, "sauna");
  const sauna = card(guest, "sauna is at");
  await sauna.waitFor();
  await sauna.getByRole("button", { name: "Silence" }).focus();
  await guest.page.keyboard.press("Enter");
  await guest.page.keyboard.press("Escape");
  await until(() => guest.page.evaluate(() => document.activeElement.dataset.act === "silence"), "the focus back on its button");
  await guest.page.keyboard.press("Enter");
  await guest.page.keyboard.type("it is meant to be");
  await guest.page.keyboard.press("Tab");
  await guest.page.keyboard.press("ArrowUp");
  await guest.page.keyboard.press("Tab");
  await guest.page.keyboard.press("Enter");
  const silences = guest.page.getByRole("region", { name: "Silences" });
  await silences.getByText("service system, rule too_warm, subject sauna", { exact: true }).waitFor();
  await holds(async () => assert.match(await silences.innerText(), /dashboard: it is meant to be/));
  await sauna.getByText("silenced").waitFor();
  await sauna.getByRole("button", { name: "Acknowledge" }).press("Enter");
  await guest.page.keyboard.press("Enter");
  await group(guest, "Acknowledged").getByText(/sauna/).first().waitFor();
  await silences.getByRole("button", { name: "End" }).press("Enter");
  await silences.waitFor({ state: "detached" });
  await warm(house, "sauna", 20);
});

scene("who may only look hears so in words, and nothing changes", async ({ house, visit }) => {
  const guest = await visit({ view: "/alerts", user: "viewer" });
  await warm(house, "hob");
  const hob = card(guest, "hob is at");
  for (const act of ["Acknowledge", "Silence"]) {
    await hob.getByRole("button", { name: act }).click();
    await hob.getByRole("button", { name: act, exact: true }).click();
    await hob.getByText("This user may look, but not ask or change that").waitFor();
    await hob.getByRole("button", { name: "Cancel" }).click();
  }
  await holds(async () => assert.match(await hob.innerText(), /firing/));
  await holds(async () => assert.equal(await guest.page.getByRole("region", { name: "Silences" }).count(), 0));
  await warm(house, "hob", 20);
});

scene(
  "the browser says what fires and that it is over, once for all tabs, and only to who wants it",
  async ({ house, visit }) => {
    const guest = await visit({ view: "/alerts", context: { permissions: ["notifications"] } });
    const record = () => {
      const said = (globalThis.said = []);
      globalThis.Notification = class {
        static permission = "granted";
        static requestPermission = async () => "granted";
        constructor(title, { body, tag }) {
          said.push({ title, body, tag });
        }
      };
    };
    await guest.page.evaluate(record);
    const said = () => guest.page.evaluate(() => globalThis.said);
    const event = (more) =>
      house.publish("hearthline/alerts/event", {
        schema: 1,
        service: "kettle",
        rule: "dry",
        subject: "pot",
        state: "firing",
        level: "error",
        message: "no water",
        timestamp: new Date().toISOString(),
        ...more,
      });
    await event({ message: "before anybody asked for it" });
    const button = guest.page.getByRole("button", { name: "Notify me" });
    await button.press("Enter");
    await guest.page.locator('button[aria-pressed="true"]', { hasText: "Notify me" }).waitFor();
    await event({});
    await event({ state: "acknowledged" });
    await event({ silenced: true });
    await event({ state: "resolved", message: "water again" });
    await until(async () => (await said()).length === 2, "two notifications");
    const [fires, over] = await said();
    assert.deepEqual([fires.title, fires.body], ["Error in the house", "no water – pot"]);
    assert.deepEqual([over.title, over.body], ["Over", "water again – pot"]);
    assert.equal(fires.tag, over.tag);
    await button.click();
    await event({});
    await standing(house, { subject: "last" });
    await card(guest, "last").waitFor();
    assert.equal((await said()).length, 2);
  },
);

scene("a browser that forbids notifications is told as such", async ({ visit }) => {
  const guest = await visit({ view: "/alerts" });
  await guest.page.evaluate(() => (Notification.requestPermission = async () => "denied"));
  await guest.page.getByRole("button", { name: "Notify me" }).click();
  await guest.sees(/The browser does not allow it/);
});

scene("hostile words are text", async ({ house, visit, picture }) => {
  await standing(house, { subject: "hostile", message: HOSTILE, by: HOSTILE, why: HOSTILE, state: "acknowledged" });
  const guest = await visit({ view: "/alerts" });
  await card(guest, "<img src=x").waitFor();
  const words = await card(guest, "<img src=x").innerText();
  assert.match(words, /\[U\+202E\]gnorw/);
  assert.ok(words.length < 1500);
  assert.equal(await guest.page.locator("main img").count(), 0);
  await guest.isAccessible((words) => picture(guest, `alerts hostile ${words}`));
});

scene("without the query service nobody says that all is well; a kiosk has no controls", async ({ house, visit }) => {
  const guest = await visit({ view: "/alerts#kiosk" });
  await card(guest, "no water").first().waitFor();
  assert.equal(await guest.page.locator("main button").count(), 0);
  await house.end("query");
  await guest.sees(/Nobody looks whether something is wrong: the query service is offline/);
  await house.start("query");
  await guest.page.getByText(/Nobody looks/).waitFor({ state: "detached" });
});
