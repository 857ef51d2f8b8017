/* A rate from totals that are told when they change: what was added in the last WINDOW_MS. */
const WINDOW_MS = 30_000;
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
    const first = this.points[0];
    const last = this.points.at(-1);
    if (!first || !last) return null;
    if (nowMs - last.atMs > WINDOW_MS) return 0;
    const spanMs = Math.max(nowMs, last.atMs) - first.atMs;
    return first === last || spanMs <= 0 ? null : ((last.total - first.total) / spanMs) * 60_000;
  }
}
