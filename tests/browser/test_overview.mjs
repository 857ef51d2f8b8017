/* The flow and what is now: figures, motion, states, and what replaces InfluxDB while it is away. */
import assert from "node:assert/strict";
import { NARROW } from "./guest.mjs";
import { holds, stage, until } from "./stage.mjs";

const scene = stage({});

const state = (guest, node) => guest.page.locator(`[data-node="${node}"] .word`).textContent();
const figure = (guest, link) => guest.page.locator(`[data-link="${link}"] text`).textContent();
const moving = (guest) => guest.page.locator(".flow .moving").evaluateAll((paths) =>
  paths.filter((path) => getComputedStyle(path).animationName !== "none").map((path) => path.parentElement.dataset.link));
const tile = (guest, name) => guest.page.locator(".tile", { hasText: name }).locator("dd").innerText();
const total = async (guest) => Number((await tile(guest, "Events in all")).split("\n")[0].replace(/\D/g, ""));

scene("a message that mosquitto_pub sends changes the figures within a second", async ({ house, visit }) => {
  const guest = await visit();
  await until(() => total(guest), "the first figure");
  for (let i = 0; i < 5; i++) {
    const before = await total(guest);
    await house.publish("hearthline/readings/kitchen", { temperature: 20 + i });
    await until(async () => (await total(guest)) > before, "one more event", 1000);
  }
});

scene("links move while something flows, stand still when asked to, and each kind has its legend", async ({ house, visit }) => {
  const guest = await visit();
  await until(async () => {
    await house.publish("hearthline/readings/kitchen", { temperature: 21 });
    return (await moving(guest)).includes("journal");
  }, "motion from the broker to the writer");
  await holds(async () => assert.match(await figure(guest, "journal"), /^[\d.,]+\/min$/));
  for (const kind of ["storage", "query", "live"]) await guest.page.locator(".legend li", { hasText: `${kind}: ` }).waitFor();
  await guest.page.getByRole("button", { name: "Pause motion" }).press("Enter");
  await holds(async () => assert.deepEqual(await moving(guest), []));
  await guest.page.getByRole("button", { name: "Pause motion" }).press("Enter");
  await holds(async () => assert.notDeepEqual(await moving(guest), []));
  const calm = await visit({ motion: "reduce" });
  await until(async () => /\d/.test(await figure(calm, "journal")), "a figure");
  assert.deepEqual(await moving(calm), []);
});

scene("services have a row each, and the ledger is told", async ({ visit }) => {
  const guest = await visit();
  for (const name of ["writer", "query"]) await guest.page.getByRole("row", { name: new RegExp(`^${name} online`) }).waitFor();
  await until(async () => (await tile(guest, "Ledger")).startsWith("balances"), "a ledger that balances");
});

scene("InfluxDB away: the broken link and the one instead of it within 12 s, and back by itself", async ({ house, visit, picture }) => {
  const guest = await visit();
  await until(async () => (await state(guest, "influxdb")).includes("online"), "InfluxDB online");
  await house.end("influxd");
  await guest.page.locator('[data-link="fallback"]').waitFor({ timeout: 12_000 });
  await holds(async () => assert.match(await figure(guest, "read"), /broken/));
  await until(async () => (await state(guest, "influxdb")).includes("offline"), "InfluxDB offline");
  await guest.sees(/InfluxDB is away; nothing is lost/);
  await guest.isAccessible((words) => picture(guest, `fallback ${words}`));
  await house.start("influxd");
  await guest.page.locator('[data-link="fallback"]').waitFor({ state: "detached", timeout: 15_000 });
  await until(async () => (await state(guest, "influxdb")).includes("online"), "InfluxDB online again");
});

scene("a writer that is killed is offline within 2 s, and its figures are old", async ({ house, visit }) => {
  const guest = await visit({ size: NARROW });
  await until(async () => (await state(guest, "writer")).includes("online"), "the writer online");
  await house.end("writer", "SIGKILL");
  await until(async () => (await state(guest, "writer")).includes("offline"), "the writer offline", 2000);
  await guest.sees(/These figures are old/);
  await guest.sees(/The writer is off/);
  await house.start("writer");
  await until(async () => (await state(guest, "writer")).includes("online"), "the writer online again");
});

scene("kiosk mode shows the picture and no control", async ({ visit }) => {
  const guest = await visit({ view: "kiosk" });
  await guest.page.locator(".flow").waitFor();
  await holds(async () => assert.equal(await guest.page.locator("header, button, select").count(), 0));
});
