/* Numbers, times and ages for a person, by the browser's locale; every time with its zone. */

const locale = navigator.languages as string[];

const plain = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const moment = new Intl.DateTimeFormat(locale, {
  year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
});

const ABSENT = "–";

export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ABSENT;
  return Math.abs(value) >= 1000 ? whole.format(value) : plain.format(value);
}

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : `${number(value)} %`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return ABSENT;
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(value, 1)) / 10)));
  return `${number(value / 1024 ** step)} ${UNITS[step]}`;
}

export function milliseconds(value: number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : `${number(value)} ms`;
}

const SPANS: [number, string][] = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return ABSENT;
  const [length, unit] = SPANS.find(([s]) => seconds >= s * (s === 1 ? 0 : 1.5)) ?? SPANS[3]!;
  return `${whole.format(Math.max(0, Math.round(seconds / length)))} ${unit}`;
}

export function age(atMs: number, nowMs: number): string {
  return `${duration((nowMs - atMs) / 1000)} ago`;
}

export function time(at: number | string): string {
  const ms = typeof at === "string" ? Date.parse(at) : at;
  return Number.isFinite(ms) ? moment.format(ms) : ABSENT;
}

/* Names and texts of the bus have no bound; a page has. */
export function clip(text: string, most = 120): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/* What would be seen as nothing, or would turn the order of what stands beside it: said as its code point. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function visible(text: string): string {
  return text.replace(UNSEEN, (c) => `[U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`);
}

/* A value of any series: a number, a text, a boolean, or what nobody expected. */
export function anyValue(value: unknown): string {
  if (value === null || value === undefined) return ABSENT;
  if (typeof value === "number") return number(value);
  return clip(visible(typeof value === "object" ? JSON.stringify(value) : String(value)), 60);
}
