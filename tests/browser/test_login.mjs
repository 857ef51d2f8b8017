/* The door: the link of scripts/run, a wrong password, what is remembered, several tabs. */
import assert from "node:assert/strict";
import { stage } from "./stage.mjs";

const scene = stage();

async function logIn(page, user, password, forGood = false) {
  await page.getByLabel("User", { exact: true }).fill(user);
  await page.getByLabel("Password").fill(password);
  if (forGood) await page.getByLabel(/Remember/).check();
  await page.keyboard.press("Enter");
}

scene("a link with a login needs no typing, and leaves no password in the address", async ({ house, visit, picture }) => {
  const guest = await visit({ view: "/history?period=6h" });
  assert.equal(new URL(guest.page.url()).hash, "#/history?period=6h");
  await guest.goes("#/overview");
  await guest.sees("All is well: what comes is stored");
  await house.publish("hearthline/readings/kitchen", { temperature: 21.5 });
  await guest.isAccessible((words) => picture(guest, `overview ${words}`));
});

scene("a wrong password is said as such; with the right one the page is there", async ({ house, visit, picture }) => {
  const guest = await visit({ url: house.link("dashboard", "", "yesterday"), waits: false });
  await guest.sees(/password is wrong/);
  await guest.isAccessible((words) => picture(guest, `login ${words}`));
  await logIn(guest.page, "dashboard", "wrong");
  await guest.sees(/password is wrong/);
  await logIn(guest.page, "dashboard", "dashboard-password");
  await guest.isOnline();
});

scene("a login is remembered in its tab, and on the device only when asked", async ({ house, visit }) => {
  const guest = await visit({ url: house.page, waits: false });
  await logIn(guest.page, "viewer", "viewer-password");
  await guest.isOnline();
  await guest.page.reload();
  await guest.isOnline();
  const other = await guest.tab(house.page);
  await other.getByLabel("Password").waitFor();
  await logIn(other, "viewer", "viewer-password", true);
  await other.locator("main#main").waitFor();
  const third = await guest.tab(house.page);
  await third.locator("main#main").waitFor();
  await third.getByRole("button", { name: "Log out" }).click();
  await third.getByLabel("Password").waitFor();
  const fourth = await guest.tab(house.page);
  await fourth.getByLabel("Password").waitFor();
});

scene("several tabs at once all have the figures, within a second", async ({ house, visit }) => {
  const guest = await visit();
  const tabs = [guest.page, await guest.tab(house.link()), await guest.tab(house.link("viewer"))];
  const total = (page) => page.locator(".tile", { hasText: "Events in all" }).locator("dd").innerText();
  for (const page of tabs) await page.waitForFunction(() => /Events in all\s*\d/.test(document.body.innerText));
  await house.do("settled");
  for (const round of [1, 2]) {
    const before = parseInt(await total(tabs[0]));
    const seen = tabs.map((page) =>
      page.waitForFunction((old) => parseInt(/Events in all\s*(\d+)/.exec(document.body.innerText)?.[1]) > old, before, { polling: 20, timeout: 5000 })
        .then(() => performance.now()));
    await house.publish("hearthline/readings/kitchen", { temperature: 20 + round });
    const published = performance.now();
    for (const at of await Promise.all(seen)) assert.ok(at - published < 1000, `${Math.round(at - published)} ms in round ${round}`);
  }
});
