/* A house and a browser for the scenes of one file.
 *
 *   const scene = stage({ sources: "..." });
 *   scene("what is promised", async ({ house, visit }) => { const guest = await visit({ view: "#/alerts" }); ... });
 *
 * `visit` logs in as `user` (dashboard), opens `view` and waits until the page is online, unless `waits` is false.
 * A scene fails when its body throws, and when a page of it said an error on its console, threw one or broke its
 * Content-Security-Policy. Pictures lie in build/logs/browser/. */
import { after, test } from "node:test";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { House } from "./house.mjs";
import { Guest } from "./guest.mjs";

const { chromium } = createRequire(new URL("../../dashboard/package.json", import.meta.url))("playwright-core");

export const PICTURES = fileURLToPath(new URL("../../build/logs/browser", import.meta.url));
const LIMIT_MS = 180_000;

/* Chromium's own sandbox does not work for root. */
export function launch(more = []) {
  const args = [...(process.getuid() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", ...more];
  return chromium.launch({ executablePath: process.env.HEARTHLINE_CHROMIUM ?? "/usr/bin/chromium", args });
}

/* Calls `what` until it gives something true, and gives that back. */
export async function until(what, words, ms = 15_000) {
  const end = performance.now() + ms;
  for (;;) {
    const result = await what();
    if (result) return result;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${words} (last answer: ${JSON.stringify(result)})`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/* Calls `check`, which asserts something of the page, until it throws no more: a page answers a click when the browser
 * comes to it, which on a busy machine is after the click has returned. Throws what it threw last. */
export async function holds(check, ms = 15_000) {
  let fault;
  const passes = () => check().then(() => true, (error) => ((fault = error), false));
  await until(passes, "a check of the page", ms).catch((late) => {
    throw fault ?? late;
  });
}

const fileName = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 80);

export function stage(options = {}) {
  let set;
  const open = async () => {
    mkdirSync(PICTURES, { recursive: true });
    return { house: await House.open(options), browser: await launch() };
  };
  after(async () => {
    const { house, browser } = (await set?.catch(() => null)) ?? {};
    await browser?.close();
    await house?.close();
  });
  return (name, body) =>
    test(name, { timeout: LIMIT_MS }, async () => {
      const { house, browser } = await (set ??= open());
      house.pids = await house.do("be_whole");
      const guests = [];
      const visit = async (how = {}) => {
        const guest = await Guest.open(browser, { ...how, url: how.url ?? house.link(how.user, how.view) });
        guests.push(guest);
        if (how.waits !== false) await guest.isOnline();
        return guest;
      };
      try {
        await body({ house, browser, visit, picture: (guest, words) => guest.picture(join(PICTURES, `${fileName(words)}.png`)) });
        for (const guest of guests) guest.wasQuiet();
      } catch (error) {
        for (const [i, guest] of guests.entries()) await guest.picture(join(PICTURES, `failed-${fileName(name)}-${i}.png`)).catch(() => {});
        throw error;
      } finally {
        for (const guest of guests) await guest.leave();
      }
    });
}
