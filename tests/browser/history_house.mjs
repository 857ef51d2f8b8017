/* What the scenes of the History view find stored: a month of a thermometer, a meter, a door, and a lamp. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/* The thermometer, as the address of its history names it. */
export const KITCHEN = "show=series&measurement=device_metrics&field=temperature&tag.device_id=kitchen-01";
const OUTAGE = { agoMs: 6 * HOUR_MS, lengthMs: 2 * HOUR_MS }; /* of the thermometer, in the last day */

const lines = (fromMs, toMs, stepMs, line) => {
  const all = [];
  for (let ms = fromMs; ms < toMs; ms += stepMs) {
    const text = line(ms);
    if (text) all.push(`${text} ${ms}000000`);
  }
  return all;
};

/* As if it were half past eleven, at whatever hour the scenes are played: the warmest moment falls into the outage. */
const temperatureAt = (sinceMs) => 20 + 5 * Math.sin((2 * Math.PI * (sinceMs + 11.5 * HOUR_MS)) / DAY_MS);

function thermometer(nowMs) {
  const isOut = (ms) => ms >= nowMs - OUTAGE.agoMs && ms < nowMs - OUTAGE.agoMs + OUTAGE.lengthMs;
  return lines(
    nowMs - 31 * DAY_MS,
    nowMs,
    5 * MINUTE_MS,
    (ms) => !isOut(ms) && `device_metrics,device_id=kitchen-01 temperature=${temperatureAt(ms - nowMs)},humidity=48`,
  );
}

/* A quarter of a kWh each quarter of an hour. */
function meter(nowMs) {
  const since = nowMs - 40 * DAY_MS;
  return lines(
    since,
    nowMs,
    15 * MINUTE_MS,
    (ms) => `energy,device_id=heat-pump energy_kwh=${1000 + (0.25 * (ms - since)) / (15 * MINUTE_MS)},power_watts=1000`,
  );
}

/* Open for an hour each four; shut now and a day ago, so that a day has six hours of it. */
const door = (nowMs) =>
  lines(
    nowMs - 3 * DAY_MS,
    nowMs,
    HOUR_MS,
    (ms) =>
      `home_assistant_events,domain=binary_sensor,entity_id=binary_sensor.door state="${((nowMs - ms) / HOUR_MS) % 4 === 2 ? "on" : "off"}"`,
  );

const wear = (nowMs) =>
  ["bearing", "filter"].flatMap((metric, i) =>
    lines(nowMs - DAY_MS, nowMs, 10 * MINUTE_MS, () => `phm,device_id=fan,metric=${metric} value=${10 + 80 * i}`),
  );

/* Events and errors, as the writer keeps them for the statistics: rows of 10 s and of 5 min. */
function events(nowMs) {
  const row = (measurement, stepMs, events) =>
    lines(
      nowMs - 2 * DAY_MS,
      nowMs,
      stepMs,
      () => `${measurement},source=readings events=${events}i,points=${events}i,rejected=0i`,
    );
  return [...row("ingest_rollup_5m", 5 * MINUTE_MS, 300), ...row("ingest_rollup", 10_000, 10)];
}

export async function furnish(house) {
  const nowMs = Math.floor(Date.now() / (15 * MINUTE_MS)) * 15 * MINUTE_MS;
  const all = [...thermometer(nowMs), ...meter(nowMs), ...door(nowMs), ...wear(nowMs), ...events(nowMs)];
  for (let i = 0; i < all.length; i += 5000) await house.do("store", { lines: all.slice(i, i + 5000) });
  return nowMs;
}
