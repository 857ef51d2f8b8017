/* What stands below a chart's time axis, by the browser's locale and zone. */
const locale = navigator.languages as string[];
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

const clockFine = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" });
const zoneName = new Intl.DateTimeFormat(locale, { timeZoneName: "short" });

/* One text a mark; the day stands below the time at the first mark and wherever it changes. */
export function timeLabels(marks: readonly number[], stepMs: number): string[] {
  if (stepMs >= DAY_MS) return marks.map((ms) => day.format(ms));
  const time = stepMs < MINUTE_MS ? clockFine : clock;
  return marks.map((ms, i) => {
    const today = day.format(ms);
    return i > 0 && day.format(marks[i - 1]) === today ? time.format(ms) : `${time.format(ms)}\n${today}`;
  });
}

/* "CET (Europe/Berlin)" */
export function zone(atMs: number): string {
  const name = zoneName.formatToParts(atMs).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const place = zoneName.resolvedOptions().timeZone;
  return name === place ? name : `${name} (${place})`;
}
