/* The last day of several series, for small lines. One is asked for after the other: a device of fifty fields
 * shall not stand before everybody else's questions. */
import { wordsOf, type Asker } from "../bus/ask";
import { askSparkline, type Series } from "./series";

export type LastDay = { points: [number, number | null][] } | { error: string };

/* Tells each as it comes; ends early when nobody wants it any more. */
export async function askLastDays(
  asker: Asker,
  series: readonly Series[],
  tell: (index: number, day: LastDay) => void,
  isWanted: () => boolean,
): Promise<void> {
  for (const [index, one] of series.entries()) {
    if (!isWanted()) return;
    const day = await askSparkline(asker, one).then(
      (points): LastDay => ({ points }),
      (error: unknown): LastDay => ({ error: wordsOf(error) }),
    );
    if (isWanted()) tell(index, day);
  }
}
