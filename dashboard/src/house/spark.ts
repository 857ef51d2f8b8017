/* The line of a sparkline, as an SVG path. Pure. */

export type Point = readonly [ms: number, value: number | null];

export const SPARK_WIDTH = 120;
export const SPARK_HEIGHT = 28;
const INSET = 2; /* so that the line's own width is not cut */

/* The points as an SVG path; a lonely one between gaps is a short dash, so that it is seen. */
export function sparkPath(points: readonly Point[], width = SPARK_WIDTH, height = SPARK_HEIGHT): string {
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
