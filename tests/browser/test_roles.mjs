/* Who may only look: sees all that others see, asks, and changes nothing. What the broker refuses stands in
 * tests/e2e/test_roles.py. */
import assert from "node:assert/strict";
import { stage } from "./stage.mjs";

const scene = stage({});
const ALERT = { schema: 1, service: "kettle", rule: "dry", subject: "-", state: "firing", level: "error", message: "no water in it",
  timestamp: new Date().toISOString(), since: new Date().toISOString() };

scene("a viewer sees every view, and acknowledging is refused in words", async ({ house, visit, picture }) => {
  await house.publish("hearthline/readings/kitchen", { temperature: 21.5 });
  await house.publish("hearthline/alerts/kettle/dry/-", ALERT, { retain: true });
  await house.do("settled");
  const guest = await visit({ user: "viewer" });
  await guest.sees("Events in all");
  await guest.goes("#/devices");
  await guest.sees("kitchen");
  await guest.goes("#/history");
  await guest.sees("Events and errors");
  await guest.sees(/From InfluxDB|From the services/);
  await guest.goes("#/alerts");
  await guest.sees("no water in it");
  const refused = guest.page.getByText(/may look, but not ask or change that/);
  assert.equal(await refused.count(), 0);
  await guest.page.getByRole("button", { name: /^Acknowledge….*no water/ }).press("Enter");
  await guest.page.keyboard.press("Enter");
  await refused.waitFor();
  await guest.isAccessible((words) => picture(guest, `viewer refused ${words}`));
  const [{ payload }] = await house.do("hear", { topic: "hearthline/alerts/kettle/dry/-" });
  assert.equal(JSON.parse(payload).state, "firing");
});
