/* A stored series, as `history` is asked for it and as the address of the History view names it
 * (#/history?show=series&measurement=energy&field=power_watts&tag.device_id=hvac). */
import { AskError, type Asker } from "../bus/ask";
import { checkHistory, type HistoryAnswer } from "../messages/history";

export interface Series {
  measurement: string;
  field: string;
  tags: Record<string, string>;
}

const TAG = "tag.";

/* For fragmentOf({ view: "history", query: seriesQuery(series) }). */
export function seriesQuery(series: Series): Record<string, string> {
  const tags = Object.entries(series.tags).map(([name, value]): [string, string] => [TAG + name, value]);
  return { show: "series", measurement: series.measurement, field: series.field, ...Object.fromEntries(tags) };
}

export function seriesOf(query: URLSearchParams): Series | null {
  const measurement = query.get("measurement");
  const field = query.get("field");
  if (!measurement || !field) return null;
  const tags = [...query]
    .filter(([key]) => key.startsWith(TAG))
    .map(([key, value]): [string, string] => [key.slice(TAG.length), value]);
  return { measurement, field, tags: Object.fromEntries(tags) };
}

/* Throws an AskError, also when the answer is none. */
export async function askHistory(asker: Asker, request: object): Promise<HistoryAnswer> {
  const checked = checkHistory(await asker.ask("history", request));
  if (checked.ok) return checked.value;
  throw new AskError("unreadable", `The answer cannot be read: ${checked.words}`);
}

/* The last day of a numeric series, for a Sparkline. Throws an AskError. */
export async function askSparkline(asker: Asker, series: Series): Promise<[number, number | null][]> {
  const { rows } = await askHistory(asker, { ...series, period: "24h", points: 96 });
  return rows.map(([ms, value]) => [ms, typeof value === "number" ? value : null]);
}
