/* The time, each second: whatever shows an age reads it here, so that nothing old looks fresh. */
import { signal } from "@preact/signals";

export const nowMs = signal(Date.now());

export function startClock(): void {
  setInterval(() => (nowMs.value = Date.now()), 1000);
}
