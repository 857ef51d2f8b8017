/* The door: the link of scripts/run, a wrong password, what is remembered. */
import assert from "node:assert/strict";
import { stage } from "./stage.mjs";

const scene = stage();

scene("a link with a login needs no typing, and leaves no password in the address", async ({ visit, picture }) => {
  const guest = await visit();
  assert.equal(new URL(guest.page.url()).hash, "");
  await guest.isAccessible((words) => picture(guest, `overview ${words}`));
});

scene("what mosquitto_pub publishes is on the page within a second", async ({ house, visit }) => {
  const guest = await visit();
  const alert = { schema: 1, service: "kettle", rule: "dry", subject: "-", state: "firing", level: "warning",
    message: "no water", timestamp: new Date().toISOString() };
  await house.publish("hearthline/alerts/kettle/dry/-", alert, { retain: true });
  const took = await guest.sees("1 firing", 1000);
  assert.ok(took < 1000);
  await house.publish("hearthline/alerts/kettle/dry/-", "", { retain: true });
  await guest.page.locator(".count").waitFor({ state: "detached", timeout: 1000 });
});
