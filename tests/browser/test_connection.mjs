/* What the page says when the broker is away, and that it comes back by itself; behind a proxy. */
import assert from "node:assert/strict";
import { openProxy } from "./proxy.mjs";
import { holds, stage, until } from "./stage.mjs";

const scene = stage();
const LOST = /WebSocket connection|ERR_CONNECTION/;

/* The word of a part of the flow, as the picture has it. */
const wordOf = (guest, name) => guest.page.locator(`[data-node=${name}] .word`).textContent();
const becomes = (guest, name, word, ms) =>
  until(async () => (await wordOf(guest, name)).endsWith(` ${word}`), `${name} to be ${word}`, ms);

scene("a broker that stops is said, figures are marked with their age, and all recovers by itself", async ({ house, visit, picture }) => {
  const guest = await visit({ tolerates: LOST });
  await becomes(guest, "writer", "online", 15_000);
  await house.publish("hearthline/alerts/kettle/dry/-", { schema: 1, service: "kettle", rule: "dry", subject: "-", state: "firing",
    level: "warning", message: "no water", timestamp: new Date().toISOString() }, { retain: true });
  await guest.sees("1 firing", 2000);

  await house.end("broker");
  await guest.page.locator(".banner").waitFor({ timeout: 2000 });
  await holds(async () => assert.match(await guest.text(".banner"), /What is shown is old/));
  await guest.sees(/These figures are old: the newest is \d+ s ago/, 5000);
  await until(async () => /Next try in|does not answer/.test(await guest.text(".banner")), "the next try");
  await holds(async () => assert.match(await guest.text(".banner"), /Try now/));
  await becomes(guest, "broker", "offline", 2000);
  await becomes(guest, "writer", "unknown", 2000);
  await guest.isAccessible((words) => picture(guest, `broker away ${words}`));

  await house.do("forget_broker"); /* so that nothing is retained: what went meanwhile must go from the page */
  await house.start("broker");
  await guest.isOnline(12_000);
  await becomes(guest, "writer", "online", 12_000);
  await guest.page.locator(".count").waitFor({ state: "detached", timeout: 12_000 });
});

scene("whoever does not want to wait tries now", async ({ house, visit }) => {
  const guest = await visit({ tolerates: LOST });
  await house.end("broker");
  await guest.page.locator(".banner").waitFor();
  await new Promise((resolve) => setTimeout(resolve, 5000)); /* until the pauses are long */
  await house.start("broker");
  const button = guest.page.getByRole("button", { name: "Try now" });
  await button.focus().then(() => guest.page.keyboard.press("Enter")).catch(() => {}); /* or it came by itself just now */
  await guest.isOnline(3000);
});

scene("a broker that stands still is found out, and taken again when it goes on", async ({ house, visit }) => {
  const guest = await visit({ tolerates: LOST });
  await house.do("freeze", { name: "broker" });
  try {
    await guest.page.locator(".banner").waitFor({ timeout: 16_000 });
  } finally {
    await house.do("thaw");
  }
  await guest.isOnline(15_000);
});

scene("behind a proxy, below a path of its own, nothing needs to be set", async ({ house, visit }) => {
  const proxy = await openProxy("/house/stories/", house.ws_port);
  try {
    const guest = await visit({ url: house.link().replace(house.page, proxy.address) });
    await becomes(guest, "writer", "online", 15_000);
    await guest.goes("#/history");
    await guest.page.reload();
    await guest.isOnline();
    assert.deepEqual(new Set(proxy.paths), new Set(["/house/stories/", "/house/stories/mqtt"]));
  } finally {
    proxy.close();
  }
});
