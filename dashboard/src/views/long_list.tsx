/* A list that grows as it is scrolled, so that a thousand items cost what a screen of them does. Its end is a
 * button, for those who do not scroll. When `of` changes (another filter) it is short again. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { number } from "./format";
import { route } from "./route";
import "./long_list.css";

const STEP = 40;

interface Props<T> {
  items: readonly T[];
  of: string;
  label: string;
  row(item: T): JSX.Element; /* a keyed <li> */
}

function More({ rest, onMore }: { rest: number; onMore(): void }) {
  const end = useRef<HTMLParagraphElement>(null);
  const more = useRef(onMore);
  more.current = onMore;
  useEffect(() => {
    /* Anew for each step: an end that stays in sight is told only once. */
    const watch = new IntersectionObserver(([seen]) => seen?.isIntersecting && more.current(), { rootMargin: "600px" });
    watch.observe(end.current!);
    return () => watch.disconnect();
  }, [rest]);
  return (
    <p ref={end} class="plain">
      {route.value.kiosk ? `${number(rest)} further` : (
        <button type="button" class="more" onClick={onMore}>
          Show more ({number(rest)} further)
        </button>
      )}
    </p>
  );
}

export function LongList<T>({ items, of, label, row }: Props<T>) {
  const shown = useSignal({ of, count: STEP });
  const count = shown.value.of === of ? shown.value.count : STEP;
  const rest = items.length - count;
  return (
    <>
      <ul class="long" aria-label={label}>
        {items.slice(0, count).map(row)}
      </ul>
      {rest > 0 && <More key={of} rest={rest} onMore={() => (shown.value = { of, count: count + STEP })} />}
    </>
  );
}
