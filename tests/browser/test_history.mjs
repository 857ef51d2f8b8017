/* History: trends, any series, energy; zoom and pan by mouse, keys, buttons and fingers; a link to exactly this. */
import assert from "node:assert/strict";
import { holds, stage, until } from "./stage.mjs";
import { furnish, KITCHEN } from "./history_house.mjs";

const MINUTE_MS = 60_000;
const DAY_S = 86_400;
const scene = stage();

let furnished;
const open = async ({ house, visit }, query = "", how = {}) => {
  await (furnished ??= furnish(house));
  return visit({ view: `/history${query && `?${query}`}`, ...how });
};

const queryOf = (guest) => new URLSearchParams(new URL(guest.page.url()).hash.split("?")[1]);
const told = (guest) => guest.page.locator("#history-told").innerText({ timeout: 15_000 });
const figure = (guest, name) => guest.page.locator(`dl.figures div:has(dt:text-is("${name}")) dd`).innerText();
const options = (guest) => guest.page.locator(".options [role=option]");
const press = (guest, name) => guest.page.getByRole("button", { name, exact: true }).click();
const isTold = (guest, pattern) => until(async () => pattern.test(await told(guest)), `${pattern} told`);
const periodS = (guest) => {
  const [, n, unit] = /^(\d+)([mhd])$/.exec(queryOf(guest).get("period"));
  return Number(n) * { m: 60, h: 3600, d: DAY_S }[unit];
};
const endMs = (guest) => Date.parse(queryOf(guest).get("end"));
const periodIs = (guest, test, words) => until(() => queryOf(guest).has("period") && test(periodS(guest)), words);

async function over(guest) {
  await told(guest);
  return guest.page.locator(".chart .u-over").first().boundingBox();
}

async function dragged(guest, fromPart, toPart) {
  const { x, y, width, height } = await over(guest);
  await guest.page.mouse.move(x + fromPart * width, y + height / 2);
  await guest.page.mouse.down();
  await guest.page.mouse.move(x + toPart * width, y + height / 2, { steps: 8 });
  await guest.page.mouse.up();
}

scene("trends of events and errors, each period by click, with a table of the same figures", async (at) => {
  const guest = await open(at);
  await isTold(guest, /[\d,]+ events, in each 15m/);
  for (const [period, window] of [
    ["15m", "10s"],
    ["1h", "1m"],
    ["6h", "5m"],
    ["7d", "1h"],
    ["30d", "6h"],
    ["24h", "15m"],
  ]) {
    await press(guest, period);
    await isTold(guest, new RegExp(`in each ${window} `));
    assert.equal(queryOf(guest).get("period"), period);
    await holds(async () =>
      assert.equal(await guest.page.getByRole("button", { name: period, exact: true }).getAttribute("aria-pressed"), "true"),
    );
  }
  await guest.page.getByText("Table of events and errors").click();
  const rows = guest.page.locator("tbody tr");
  await until(async () => (await rows.count()) >= 96, "a row for each window");
  await holds(async () => assert.match(await rows.nth(5).innerText(), /CET\s+900\s+/));
  await guest.sees(/From InfluxDB, answered \d+ s ago/);
  await guest.page.getByLabel("One point each").selectOption("1h");
  await isTold(guest, /in each 1h /);
});

scene("a series is searched, chosen and shown by keyboard alone; its outage is a gap", async (at) => {
  const guest = await open(at);
  await told(guest);
  await guest.page.getByRole("link", { name: "A device or entity" }).focus();
  await guest.page.keyboard.press("Enter");
  const search = guest.page.getByRole("combobox", { name: "Series" });
  await search.focus();
  await until(async () => {
    await search.fill("kitchen temp");
    return (await options(guest).count()) === 1;
  }, "one series found");
  await guest.page.keyboard.press("Enter");
  await isTold(guest, /2\d\d values, lowest 15, mean 19\.\d+, highest 24\.\d+; one point for each 2m with values, 1 gap/);
  assert.equal(queryOf(guest).get("tag.device_id"), "kitchen-01");
  await holds(async () => assert.equal(await figure(guest, "Lowest"), "15"));
  await search.focus();
  await guest.page.keyboard.press("ArrowDown");
  await guest.page.keyboard.press("ArrowDown");
  await guest.page.keyboard.press("Escape");
  await holds(async () => assert.equal(await search.inputValue(), "temperature of kitchen-01"));
  const box = guest.page.getByText("Table of temperature of kitchen-01");
  await box.focus();
  await guest.page.keyboard.press("Enter");
  await guest.page.getByRole("button", { name: /All \d+ rows/ }).click();
  await guest.sees("no values");
  await until(async () => (await guest.page.locator("tbody tr").count()) > 250, "all rows");
});

scene("a drag zooms into finer data; with Shift it moves; a double click zooms out", async (at) => {
  const guest = await open(at, `${KITCHEN}&period=7d`);
  await isTold(guest, /each 15m/);
  await dragged(guest, 0.5, 0.6);
  await periodIs(guest, (s) => s > 0.08 * 7 * DAY_S && s < 0.12 * 7 * DAY_S, "a tenth of a week");
  await isTold(guest, /each 1m |each 2m |each 30s /);
  const before = endMs(guest);
  await guest.page.keyboard.down("Shift");
  await dragged(guest, 0.2, 0.7);
  await guest.page.keyboard.up("Shift");
  await until(() => endMs(guest) < before - 0.4 * periodS(guest) * 1000, "earlier by half a period");
  const zoomedS = periodS(guest);
  await guest.page.locator(".chart .u-over").dblclick();
  await periodIs(guest, (s) => Math.abs(s - 2 * zoomedS) < 120, "twice as long");
});

scene("a wheel zooms where the pointer is, once the chart has the focus", async (at) => {
  const guest = await open(at, `${KITCHEN}&period=7d`);
  const { x, y, width, height } = await over(guest);
  await guest.page.mouse.move(x + width / 4, y + height / 2);
  await guest.page.mouse.wheel(0, -300);
  assert.equal(queryOf(guest).get("period"), "7d");
  await guest.page.locator(".chart").focus();
  await guest.page.mouse.wheel(0, -300);
  await periodIs(guest, (s) => s > 0.5 * 7 * DAY_S && s < 0.8 * 7 * DAY_S, "zoomed in");
  assert.ok(endMs(guest) < Date.now() - DAY_S * 1000);
  const zoomedS = periodS(guest);
  const end = endMs(guest);
  await guest.page.mouse.wheel(-200, 0);
  await until(() => endMs(guest) < end, "moved back");
  await guest.page.mouse.wheel(0, 300);
  await periodIs(guest, (s) => s > zoomedS, "zoomed out");
});

scene("keys and buttons zoom, move, and lead back to now", async (at) => {
  const guest = await open(at, `${KITCHEN}&period=24h`);
  await isTold(guest, /each 2m/);
  await guest.page.locator(".chart").focus();
  const keys = [
    ["+", () => periodS(guest) === DAY_S / 2],
    ["ArrowLeft", () => endMs(guest) < Date.now() - 8 * 60 * MINUTE_MS],
    ["ArrowRight", () => endMs(guest) > Date.now() - 7 * 60 * MINUTE_MS],
    ["-", () => periodS(guest) === DAY_S],
    ["Home", () => !queryOf(guest).has("end")],
  ];
  for (const [key, done] of keys) {
    await guest.page.keyboard.press(key);
    await until(done, `what ${key} does (${guest.page.url()})`);
  }
  await guest.page.keyboard.press("Shift+ArrowRight");
  await until(async () => /\d\d:\d\d/.test(await guest.page.locator(".legend").innerText()), "a value pointed at");
  const buttons = [
    ["Zoom in", () => periodS(guest) === DAY_S / 2],
    ["Earlier", () => queryOf(guest).has("end")],
    ["Zoom out", () => periodS(guest) === DAY_S],
    ["Later", () => true],
    ["Now", () => !queryOf(guest).has("end")],
  ];
  for (const [name, done] of buttons) {
    await press(guest, name);
    await until(done, `what ${name} does (${guest.page.url()})`);
  }
  const length = await guest.page.evaluate(() => history.length);
  await press(guest, "Zoom in");
  assert.equal(await guest.page.evaluate(() => history.length), length); /* "back" leaves the view */
});

scene("one finger moves, two zoom", async (at) => {
  const guest = await open(at, `${KITCHEN}&period=7d`, { context: { hasTouch: true } });
  const { x, y, width, height } = await over(guest);
  const cdp = await guest.context.newCDPSession(guest.page);
  const touch = (type, ...parts) =>
    cdp.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: parts.map((part, id) => ({ x: x + part * width, y: y + height / 2, id })),
    });
  await touch("touchStart", 0.3);
  for (const part of [0.4, 0.5, 0.6]) await touch("touchMove", part);
  await touch("touchEnd");
  await until(() => endMs(guest) < Date.now() - 1.5 * DAY_S * 1000, "moved back by two days");
  await isTold(guest, /each 15m/);
  await touch("touchStart", 0.4, 0.6);
  for (const by of [0.05, 0.1, 0.2]) await touch("touchMove", 0.4 - by, 0.6 + by);
  await touch("touchEnd");
  await periodIs(guest, (s) => s > 1.8 * DAY_S && s < 3 * DAY_S, "a third of a week");
});

scene("a link to exactly this shows the same in a second tab", async (at) => {
  const guest = await open(at, `${KITCHEN}&period=6h`);
  await isTold(guest, /each 30s/);
  await guest.page.getByRole("link", { name: "Link to exactly this" }).click();
  await until(() => queryOf(guest).has("end"), "an end in the address");
  const first = await told(guest);
  const second = await guest.tab(at.house.link("dashboard", new URL(guest.page.url()).hash.slice(1)));
  await until(async () => (await second.locator("#history-told").count()) > 0, "the second tab's chart");
  await holds(async () => assert.equal(await second.locator("#history-told").innerText(), first));
  assert.equal(await second.locator("dl.figures").innerText(), await guest.page.locator("dl.figures").innerText());
  await guest.page.goBack();
  await until(() => !queryOf(guest).has("end"), "back to before the link");
});

scene("a door is shown by the time in each state, and a number on demand", async (at) => {
  const guest = await open(at, "show=series&measurement=home_assistant_events&field=state&tag.entity_id=binary_sensor.door");
  await isTold(guest, /mostly off \(75 %/);
  await holds(async () =>
    assert.match(await guest.page.locator("table.states").innerText(), /off\s+18 h\s+75 %\s+on\s+6 h\s+25 %/),
  );
  await guest.goes(`#/history?${KITCHEN}`);
  await isTold(guest, /lowest 15/);
  await guest.page.getByLabel("Shown as").selectOption("rise");
  await isTold(guest, /together/);
});

scene("series that are mixed are said to be, until a tag tells them apart", async (at) => {
  const guest = await open(at, "show=series&measurement=phm&field=value&tag.device_id=fan");
  await guest.sees(/More than one series is mixed here.*"metric"/);
  await guest.page.getByLabel("Tag", { exact: true }).fill("metric");
  await guest.page.getByLabel("is", { exact: true }).fill("filter");
  await guest.page.keyboard.press("Enter");
  await isTold(guest, /lowest 90, mean 90, highest 90/);
  await holds(async () => assert.equal(await guest.page.getByText("mixed here").count(), 0));
  await guest.page.getByRole("button", { name: "Remove the tag metric" }).click();
  await isTold(guest, /lowest 10, mean 50, highest 90/);
});

scene("energy of a day by hours and of a month by days, in the browser's time zone", async (at) => {
  const guest = await open(at);
  await told(guest);
  await guest.page.getByRole("link", { name: "Energy" }).click();
  await isTold(guest, /kWh together/);
  await press(guest, "Day before");
  await isTold(guest, /24 kWh together; in each 1h 1 kWh to 1 kWh/);
  await guest.page.getByRole("button", { name: "a month by days" }).focus();
  await guest.page.keyboard.press("Enter");
  await isTold(guest, /in each 1d/);
  await press(guest, "Month before");
  await until(() => /^\d{4}-\d\d$/.test(queryOf(guest).get("on")), "a month in the address");
  await press(guest, "This month");
  await press(guest, "a day by hours");
  await press(guest, "Day before");
  await press(guest, "Next day");
  await until(() => !queryOf(guest).has("on"), "today");
  await guest.page.getByLabel("Meter").selectOption({ index: 0 });
  await isTold(guest, /kWh together/);
});

scene("nothing for axe-core to find in any kind of history, and kiosk hides the controls", async (at) => {
  const views = [
    ["trends", ""],
    ["series", KITCHEN],
    ["states", "show=series&measurement=home_assistant_events&field=state&tag.entity_id=binary_sensor.door"],
    ["energy", "show=energy&span=month"],
  ];
  const guest = await open(at);
  for (const [name, query] of views) {
    await guest.goes(`#/history?${query}`);
    await told(guest);
    await guest.page.locator("summary").last().click();
    await guest.page.locator(".tall table").waitFor();
    await guest.isAccessible((words) => at.picture(guest, `history ${name} ${words}`));
  }
  await guest.goes("#/history?show=series");
  await guest.page.getByRole("combobox", { name: "Series" }).click();
  await options(guest).first().waitFor();
  await guest.isAccessible();
  await guest.goes(`#/history?${KITCHEN}#kiosk`);
  await told(guest);
  await holds(async () => assert.equal(await guest.page.locator("main button, main select, main input").count(), 0));
  await holds(async () => assert.equal(await guest.page.locator("h3").innerText(), "temperature of kitchen-01"));
  await at.picture(guest, "history kiosk");
});

scene("names that mean harm are texts", async (at) => {
  const harm = `<img src=x onerror="console.error('run')">`;
  const guest = await open(
    at,
    `show=series&measurement=${encodeURIComponent(harm)}&field=${"f".repeat(10_000)}&tag.${encodeURIComponent(harm)}=1`,
  );
  await guest.page.getByRole("alert").first().waitFor();
  await at.house.do("store", {
    lines: [`device_metrics,device_id=${harm.replace(/[ ,=]/g, "\\$&")} temperature=1,${"n".repeat(9000)}=2`],
  });
  await guest.goes("#/history?show=trends");
  await guest.goes("#/history?show=series");
  await until(
    async () => {
      await guest.goes("#/history?show=trends");
      await guest.goes("#/history?show=series");
      await guest.page.getByRole("combobox", { name: "Series" }).fill("onerror");
      return (await options(guest).count()) === 2;
    },
    "both fields of the harmful name",
    30_000,
  );
  await guest.isAccessible();
  await options(guest).filter({ hasText: "temperature" }).click();
  await isTold(guest, /1 values, lowest 1/);
  assert.equal(await guest.page.locator("main img").count(), 0);
});

/* Last, because it ends InfluxDB. */
scene("without InfluxDB what was shown stays, with its age; trends come from the services; then it recovers", async (at) => {
  const guest = await open(at, `${KITCHEN}&period=24h`);
  const before = await told(guest);
  await at.house.end("influxd");
  await press(guest, "1h");
  await guest.page.getByRole("alert").first().waitFor({ timeout: 20_000 });
  assert.match(before, /2\d\d values/);
  await isTold(guest, /2\d\d values/);
  await guest.sees(/answered \d+ \w+ ago/);
  await guest.goes("#/history?show=trends&period=15m");
  await guest.sees(/InfluxDB does not answer: these figures are what the services said/);
  await at.house.start("influxd");
  await until(
    async () => {
      await guest.goes("#/history?show=trends&period=1h");
      await guest.goes("#/history?show=trends&period=15m");
      return (await guest.page.getByText("From InfluxDB").count()) > 0;
    },
    "InfluxDB again",
    30_000,
  );
});
