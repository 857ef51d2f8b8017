/* A rate from totals that are told when they change: what was added in the last WINDOW_MS. */
const WINDOW_MS = 30_000;
const TOLD_MS = 500; /* what is told may have come so long before */
const STEP_MS = 200; /* totals that are told closer together than this are one point */

export class Rate {
  private points: { atMs: number; total: number }[] = [];

  add(atMs: number, total: number): void {
    const last = this.points.at(-1);
    if (last && (total < last.total || atMs < last.atMs)) this.points = []; /* a new life of the service, or a clock put back */
    const before = this.points.at(-2);
    if (before && atMs - before.atMs < STEP_MS) this.points.pop();
    this.points.push({ atMs, total });
    while (this.points.length > 2 && this.points[1]!.atMs < atMs - WINDOW_MS) this.points.shift();
  }

  /* null before two totals are known; 0 when nothing was added for WINDOW_MS. */
  perMinute(nowMs: number): number | null {
    const last = this.points.at(-1);
    if (!last) return null;
    const endMs = Math.max(nowMs, last.atMs);
    /* A total holds until the next is told: the newest from before the window is that of its beginning. */
    const before = this.points.filter(({ atMs }) => endMs - atMs >= WINDOW_MS).at(-1);
    const first = before ?? this.points[0]!;
    const spanMs = Math.min(endMs - first.atMs, WINDOW_MS + TOLD_MS);
    if (spanMs <= 0 || (first === last && !before)) return null;
    return ((last.total - first.total) / spanMs) * 60_000;
  }
}
