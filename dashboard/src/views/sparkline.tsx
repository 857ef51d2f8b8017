/* A series at a glance: a small line without axes, for lists. Gaps stay gaps. Its words are the text
 * alternative: from what to what, lowest and highest. */
import { number } from "./format";
import "./sparkline.css";

export type Point = readonly [ms: number, value: number | null];

const WIDTH = 120;
const HEIGHT = 28;
const INSET = 2; /* so that the line's own width is not cut */

/* The points as an SVG path; a lonely one between gaps is a short dash, so that it is seen. */
export function sparkPath(points: readonly Point[], width = WIDTH, height = HEIGHT): string {
  const values = points.map(([, value]) => value).filter((value) => value !== null);
  const first = points[0];
  if (!first || values.length === 0) return "";
  const low = Math.min(...values);
  const high = Math.max(...values);
  const spanMs = points.at(-1)![0] - first[0] || 1;
  const x = (ms: number) => (INSET + ((ms - first[0]) / spanMs) * (width - 2 * INSET)).toFixed(1);
  const y = (v: number) => (high > low ? INSET + ((high - v) / (high - low)) * (height - 2 * INSET) : height / 2).toFixed(1);
  let path = "";
  let gap = true;
  points.forEach(([ms, value], i) => {
    if (value === null) gap = true;
    else {
      path += `${gap ? "M" : "L"}${x(ms)} ${y(value)}`;
      if (gap && (points[i + 1]?.[1] ?? null) === null) path += "h1";
      gap = false;
    }
  });
  return path;
}

function words(points: readonly Point[]): string {
  const values = points.map(([, value]) => value).filter((value) => value !== null);
  if (values.length === 0) return "no values";
  return `last ${number(values.at(-1))}, lowest ${number(Math.min(...values))}, highest ${number(Math.max(...values))}`;
}

/* `label` says what it is of, and of which time: "temperature, last 24 h". */
export function Sparkline({ points, label }: { points: readonly Point[]; label: string }) {
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}: ${words(points)}`}>
      <path d={sparkPath(points)} />
    </svg>
  );
}
