/* The dashboard's part of scripts/bench: each row on standard output as a line of JSON, with its promise.
 *
 * A measurement is a function that is given a browser and the size (scripts/lib/bench_dashboard.py) and gives rows; what
 * a view promises is measured by a function of its own, here or beside, named in MEASUREMENTS. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Guest } from "../tests/browser/guest.mjs";
import { furnishDevices } from "../tests/browser/devices_house.mjs";
import { longestTasks } from "./dashboard_devices.mjs";
import { furnish } from "../tests/browser/history_house.mjs";
import { median, monthsOf } from "./dashboard_history.mjs";
import { House, PAGE } from "../tests/browser/house.mjs";
import { launch, until } from "../tests/browser/stage.mjs";

const MESSAGES_PER_S = 1000;
const SERVICES = 20;

export async function withHouse(options, body) {
  const house = await House.open(options);
  try {
    return await body(house);
  } finally {
    await house.close();
  }
}

function weight() {
  return [{ name: "the page, script and style in it", ours: readFileSync(join(PAGE, "index.html")).length / 1000, unit: "kB", up_to: 450 }];
}

/* Notes in the page when the flow first says that the writer is online. */
function noteFirstUse() {
  const look = () => {
    if (!window.useful && / online$/.test(document.querySelector("[data-node=writer] .word")?.textContent))
      requestAnimationFrame(() => (window.useful ??= performance.now()));
    if (!window.useful) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function firstUse(browser, { loads }) {
  return withHouse({}, async (house) => {
    const times = [];
    for (let i = 0; i < loads; i++) {
      const guest = await Guest.open(browser, { url: "about:blank" });
      await guest.page.addInitScript(noteFirstUse);
      await guest.page.goto(house.link());
      times.push(await until(() => guest.page.evaluate(() => window.useful), "the writer's state"));
      await guest.leave();
    }
    return [
      { name: "from the address to the writer's state", ours: median(times), unit: "ms", below: 1000 },
      { name: "  slowest", ours: Math.max(...times), unit: "ms" },
    ];
  });
}

/* What the page's main thread has done so far, and what lies on its heap after a collection. */
async function machineOf(guest) {
  const session = await guest.context.newCDPSession(guest.page);
  await session.send("Performance.enable");
  return async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (name) => metrics.find((one) => one.name === name).value;
    return { atS: performance.now() / 1000, busyS: of("TaskDuration"), heapMb: of("JSHeapUsedSize") / 1e6, nodes: of("Nodes") };
  };
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/* Only the broker runs: a house that stores all that would be measured too. */
async function flood(browser, { flood_s }) {
  return withHouse({ start: false, query: null }, async (house) => {
    await house.start("broker");
    const guest = await Guest.open(browser, { url: house.link() });
    await guest.isOnline();
    const measure = await machineOf(guest);
    const warmS = 5;
    const sending = house.do("stream_metrics", { services: SERVICES, per_second: MESSAGES_PER_S, seconds: flood_s + 2 * warmS });
    await pause(warmS);
    const before = await measure();
    await pause(flood_s);
    const after = await measure();
    const sent = await sending;
    const figure = guest.page.locator("tbody tr:last-child td.figure").first();
    const shown = async () => Number((await figure.innerText()).replace(/\D/g, ""));
    await until(async () => (await shown()) === sent.last, "the newest figure in its row", 5000);
    guest.wasQuiet();
    await guest.leave();
    const seconds = after.atS - before.atS;
    return [
      { name: `${MESSAGES_PER_S} metrics a second for ${flood_s} s: sent`, ours: sent.count / sent.seconds, unit: "messages/s" },
      { name: "  main thread busy", ours: (100 * (after.busyS - before.busyS)) / seconds, unit: "%", below: 40 },
      { name: "  heap at the beginning", ours: before.heapMb, unit: "MB" },
      { name: "  heap grown by", ours: after.heapMb - before.heapMb, unit: "MB", below: 1 },
    ];
  });
}

async function history(browser, { loads }) {
  return withHouse({}, async (house) => {
    await furnish(house);
    const guest = await Guest.open(browser, { url: house.link() });
    await guest.isOnline();
    const { drawn, waited } = await monthsOf(guest, loads);
    await guest.leave();
    return [
      { name: "30 days of a series, 1,964 points: drawn after the answer", ours: median(drawn), unit: "ms", below: 100 },
      { name: "  slowest", ours: Math.max(...drawn), unit: "ms" },
      { name: "  its five answers after the first question", ours: median(waited), unit: "ms" },
    ];
  });
}

async function devices(browser) {
  return withHouse({}, async (house) => {
    await furnishDevices(house);
    const guest = await Guest.open(browser, { url: house.link() });
    await guest.isOnline();
    const longest = await longestTasks(browser, guest);
    await guest.leave();
    return Object.entries(longest).map(([name, ms]) => ({ name: `500 devices ${name}: longest task, of the processor`, ours: ms, unit: "ms", up_to: 50 }));
  });
}

const MEASUREMENTS = [weight, firstUse, history, devices, flood];

const size = JSON.parse(process.argv[2]);
const browser = await launch();
try {
  for (const measurement of MEASUREMENTS) for (const row of await measurement(browser, size)) console.log(JSON.stringify(row));
} finally {
  await browser.close();
}
