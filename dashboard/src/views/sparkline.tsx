/* A series at a glance: a small line without axes, for lists. Gaps stay gaps. Its words are the text
 * alternative: from what to what, lowest and highest. */
import { SPARK_HEIGHT, SPARK_WIDTH, sparkPath, type Point } from "../house/spark";
import { number } from "./format";
import "./sparkline.css";

function words(points: readonly Point[]): string {
  const values = points.map(([, value]) => value).filter((value) => value !== null);
  if (values.length === 0) return "no values";
  return `last ${number(values.at(-1))}, lowest ${number(Math.min(...values))}, highest ${number(Math.max(...values))}`;
}

/* `label` says what it is of, and of which time: "temperature, last 24 h". */
export function Sparkline({ points, label }: { points: readonly Point[]; label: string }) {
  return (
    <svg class="sparkline" viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`} role="img" aria-label={`${label}: ${words(points)}`}>
      <path d={sparkPath(points)} />
    </svg>
  );
}
