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

/* What a gesture has come to so far: shown, and not meant yet. What comes meanwhile must not move it. */
export class Gesture {
  pending: Range | null = null;
  private rest: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly gestured: Gestured) {}

  get range(): Range {
    return this.pending ?? this.gestured.range();
  }

  get nowMs(): number {
    return this.gestured.now();
  }

  show(range: Range): void {
    this.pending = range;
    this.gestured.preview(range);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.mean(range), REST_MS);
  }

  mean(range: Range): void {
    this.stop();
    this.gestured.commit(range);
  }

  stop(): void {
    this.pending = null;
    clearTimeout(this.rest);
  }
}

const xOf = (over: HTMLElement, event: MouseEvent) => event.clientX - over.getBoundingClientRect().left;

function listenToWheel(over: HTMLElement, host: HTMLElement, gesture: Gesture): void {
  const turned = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey && !host.contains(document.activeElement)) return;
    event.preventDefault();
    const width = over.clientWidth;
    const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isSideways) gesture.show(panned(gesture.range, event.deltaX / width, gesture.nowMs));
    else gesture.show(zoomed(gesture.range, Math.exp(event.deltaY * WHEEL), xOf(over, event) / width, gesture.nowMs));
  };
  over.addEventListener("wheel", turned, { passive: false });
}

function listenToPointers(over: HTMLElement, gesture: Gesture): void {
  const now = new Map<number, number>();
  let fingers: Fingers | null = null;
  const begin = () => (fingers = now.size > 0 ? { range: gesture.range, at: new Map([...now].slice(0, 2)) } : null);
  const up = (event: PointerEvent) => {
    if (now.delete(event.pointerId)) begin();
  };
  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && !(event.shiftKey && event.button === 0)) return;
    over.setPointerCapture(event.pointerId);
    now.set(event.pointerId, xOf(over, event));
    begin();
  });
  over.addEventListener("pointermove", (event) => {
    if (!fingers || !now.has(event.pointerId)) return;
    now.set(event.pointerId, xOf(over, event));
    gesture.show(moved(fingers, now, over.clientWidth, gesture.nowMs));
  });
  over.addEventListener("pointerup", up);
  over.addEventListener("pointercancel", up);
}

/* `over` is what the figures are drawn on; the listeners go with it. `host` is what has the focus. */
export function listenTo(over: HTMLElement, host: HTMLElement, gestured: Gestured): Gesture {
  const gesture = new Gesture(gestured);
  listenToWheel(over, host, gesture);
  listenToPointers(over, gesture);
  over.addEventListener("dblclick", (event) =>
    gesture.mean(zoomed(gesture.range, 2, xOf(over, event) / over.clientWidth, gesture.nowMs)),
  );
  return gesture;
}
