/* Whether all that came was accounted for (docs/topics.md, service_metrics). */
import type { ServiceMetrics } from "../messages/messages";

const MESSAGES = ["decoded", "repeated", "ignored", "rejected", "dropped", "pending"] as const;
const POINTS = ["points_stored", "points_merged", "points_rejected", "points_dropped", "points_pending"] as const;

function missing(metrics: ServiceMetrics, whole: number | undefined, parts: readonly (keyof ServiceMetrics)[]): number | null {
  if (whole === undefined) return null;
  const values = parts.map((part) => metrics[part] as number | undefined);
  if (values.some((value) => value === undefined)) return null;
  return whole - (values as number[]).reduce((sum, value) => sum + value, 0);
}

/* How many messages and points are unaccounted for: 0 when it balances, null when the service keeps no ledger. */
export function ledgerDifference(metrics: ServiceMetrics | undefined): { messages: number; points: number } | null {
  if (!metrics) return null;
  const messages = missing(metrics, metrics.received, MESSAGES);
  const points = missing(metrics, metrics.points_made, POINTS);
  return messages === null || points === null ? null : { messages, points };
}
