/* Zoom and pan by wheel, by fingers, and by the mouse with Shift: shown at once, and meant once they rest.
 *
 * A wheel alone scrolls the page until the chart has the focus: then it zooms. With Ctrl (and two fingers on a
 * touch pad, which a browser tells as that) it always does. */
import { panned, zoomed, type Range } from "../house/history_view";

export interface Gestured {
  range(): Range; /* as it was meant last */
  now(): number;
  preview(range: Range): void;
  commit(range: Range): void;
}

const REST_MS = 250;
const WHEEL = 0.0015; /* of a zoom, a pixel of the wheel */

interface Fingers {
  range: Range;
  at: Map<number, number>; /* x by pointer, where it was first */
}

/* What the first and the second finger held stays under them. */
function moved({ range, at }: Fingers, now: ReadonlyMap<number, number>, width: number, nowMs: number): Range {
  const [first, second] = [...at.keys()];
  const lengthMs = range.toMs - range.fromMs;
  const part = (pixel: number) => pixel / width;
  const a = at.get(first!)!;
  if (second === undefined) return panned(range, part(a - now.get(first!)!), nowMs);
  const apart = (points: ReadonlyMap<number, number>) => Math.max(8, Math.abs(points.get(first!)! - points.get(second)!));
  const factor = apart(at) / apart(now);
  const middle = (a + at.get(second)!) / 2;
  const middleNow = (now.get(first!)! + now.get(second)!) / 2;
  const held = range.fromMs + part(middle) * lengthMs;
  const fromMs = held - part(middleNow) * lengthMs * factor;
  const shifted = { fromMs, toMs: fromMs + lengthMs * factor };
  return zoomed(shifted, 1, part(middleNow), nowMs);
}

export interface Gestures {
  pending(): Range | null; /* shown and not meant yet: what comes meanwhile must not move it */
  stop(): void;
}

export function listenTo(over: HTMLElement, host: HTMLElement, gestured: Gestured): Gestures {
  let rest: ReturnType<typeof setTimeout> | undefined;
  let pending: Range | null = null;
  let fingers: Fingers | null = null;
  const now = new Map<number, number>();
  const show = (range: Range) => {
    pending = range;
    gestured.preview(range);
    clearTimeout(rest);
    rest = setTimeout(() => {
      pending = null;
      gestured.commit(range);
    }, REST_MS);
  };
  const range = () => pending ?? gestured.range();
  const x = (event: MouseEvent) => event.clientX - over.getBoundingClientRect().left;

  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey && !host.contains(document.activeElement)) return;
    event.preventDefault();
    const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const width = over.clientWidth;
    if (isSideways) show(panned(range(), event.deltaX / width, gestured.now()));
    else show(zoomed(range(), Math.exp(event.deltaY * WHEEL), x(event) / width, gestured.now()));
  };
  const begin = () => (fingers = now.size > 0 ? { range: range(), at: new Map([...now].slice(0, 2)) } : null);
  const down = (event: PointerEvent) => {
    if (event.pointerType === "mouse" && !(event.shiftKey && event.button === 0)) return;
    over.setPointerCapture(event.pointerId);
    now.set(event.pointerId, x(event));
    begin();
  };
  const move = (event: PointerEvent) => {
    if (!fingers || !now.has(event.pointerId)) return;
    now.set(event.pointerId, x(event));
    show(moved(fingers, now, over.clientWidth, gestured.now()));
  };
  const up = (event: PointerEvent) => {
    if (now.delete(event.pointerId)) begin();
  };
  const double = (event: MouseEvent) => gestured.commit(zoomed(range(), 2, x(event) / over.clientWidth, gestured.now()));

  over.addEventListener("wheel", wheel, { passive: false });
  over.addEventListener("pointerdown", down);
  over.addEventListener("pointermove", move);
  over.addEventListener("pointerup", up);
  over.addEventListener("pointercancel", up);
  over.addEventListener("dblclick", double);
  return { pending: () => pending, stop: () => clearTimeout(rest) /* the listeners go with the element */ };
}
