/* A chart of figures over time. It draws, and tells what a person does to it; what it shows of which time is its
 * owner's. Its text alternative (summary, table) is its owner's too, who names it in `describedBy`. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { panned, zoomed, type Range } from "../house/history_view";
import "./chart.css";
import { listenTo, type Gesture } from "./chart_gestures";
import { makePlot, plotWidth, showPlot, type Column, type Drawing } from "./chart_plot";
import { number, time } from "./format";
import { INKS, inkClass, type Ink } from "./ink";
import { theme } from "./settings";

export { Sparkline } from "./sparkline";
export type { Column } from "./chart_plot";

export interface ChartProps extends Drawing {
  label: string;
  describedBy: string;
  range: Range;
  values?: (column: number, index: number) => string; /* what is said of a point; else its number */
  mark?: string; /* a performance mark at each drawing */
  zoom?: { now(): number; onRange(range: Range): void; onNow(): void };
}

/* The colours are those that the probes (elements of the class of each ink) have now. */
function colours(host: HTMLElement): (ink: Ink) => string {
  const known = new Map<string, string>();
  return (ink) => {
    const before = known.get(ink);
    if (before) return before;
    const probe = host.querySelector(`.ink-${ink}`);
    const colour = probe ? getComputedStyle(probe).color : "#888";
    known.set(ink, colour);
    return colour;
  };
}

const shapeOf = ({ columns, height, fromZero, unit }: Drawing) =>
  JSON.stringify([columns.map(({ draw, ink }) => [draw, ink]), height, fromZero, unit]);

/* The newest alone, so that a page that is open for weeks keeps none of the others. */
function markDrawn(mark: string | undefined): void {
  if (!mark) return;
  performance.clearMarks(mark);
  performance.mark(mark);
}

/* Keeps one plot in the place, as long as what it is made of stays the same. */
function usePlot(props: ChartProps, pointed: (index: number | null) => void) {
  const host = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const gesture = useRef<Gesture | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const isDark = useDarkness();
  useLayoutEffect(() => {
    const u = makePlot(place.current!, latest.current, colours(host.current!), {
      range: () => latest.current.range,
      selected: (range) => latest.current.zoom?.onRange(range),
      pointed,
      drawn: () => markDrawn(latest.current.mark),
    });
    plot.current = u;
    gesture.current =
      latest.current.zoom &&
      listenTo(u.over, host.current!, {
        range: () => latest.current.range,
        now: () => latest.current.zoom!.now(),
        preview: ({ fromMs, toMs }) => u.setScale("x", { min: fromMs, max: toMs }),
        commit: (range) => latest.current.zoom!.onRange(range),
      });
    const sizes = new ResizeObserver(() => {
      const width = plotWidth(place.current!);
      if (width !== u.width) u.setSize({ width, height: u.height });
    });
    sizes.observe(place.current!);
    return () => {
      gesture.current?.stop();
      sizes.disconnect();
      u.destroy();
      plot.current = null;
    };
  }, [shapeOf(props), isDark, props.zoom !== undefined]);
  useLayoutEffect(() => {
    if (plot.current) showPlot(plot.current, props, gesture.current?.pending ?? props.range);
  }, [props.times, props.columns, props.range.fromMs, props.range.toMs]);
  return { host, place, plot };
}

/* Changes when the theme does, by choice or by the system's setting. */
function useDarkness(): string {
  const system = useSignal(matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const changed = () => (system.value = query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return theme.value === "system" ? String(system.value) : theme.value;
}

function Legend({ columns, index, props }: { columns: readonly Column[]; index: number | null; props: ChartProps }) {
  const said = (i: number) => props.values?.(i, index!) ?? number(columns[i]!.values[index!]);
  return (
    <ul class="legend">
      {columns.map(({ label, ink }, i) => (
        <li>
          <i class={`swatch ${inkClass(ink)}`} aria-hidden="true" /> {label}
          {index !== null && (
            <span aria-hidden="true">
              : <b>{said(i)}</b>
            </span>
          )}
        </li>
      ))}
      <li class="plain" aria-hidden="true">
        {index === null ? "" : time(props.times[index]!)}
      </li>
    </ul>
  );
}

const PAN = 0.25;

function keyAction(event: KeyboardEvent, range: Range, nowMs: number): Range | "now" | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === "ArrowLeft") return panned(range, -PAN, nowMs);
  if (event.key === "ArrowRight") return panned(range, PAN, nowMs);
  if (event.key === "+" || event.key === "=") return zoomed(range, 0.5, 0.5, nowMs);
  if (event.key === "-") return zoomed(range, 2, 0.5, nowMs);
  return event.key === "Home" ? "now" : null;
}

export function Chart(props: ChartProps) {
  const index = useSignal<number | null>(null);
  const { host, place, plot } = usePlot(props, (i) => (index.value = i));
  const at = index.value !== null && index.value < props.times.length ? index.value : null;
  const point = (step: number) => {
    const u = plot.current;
    const next = Math.min(props.times.length - 1, Math.max(0, (index.value ?? -1) + step));
    if (u && props.times.length > 0) u.setCursor({ left: Math.max(0, u.valToPos(props.times[next]!, "x")), top: 1 });
  };
  const key = (event: KeyboardEvent) => {
    if (event.shiftKey && event.key.startsWith("Arrow")) point(event.key === "ArrowLeft" ? -1 : 1);
    else {
      const action = props.zoom ? keyAction(event, props.range, props.zoom.now()) : null;
      if (action === null) return;
      if (action === "now") props.zoom!.onNow();
      else props.zoom!.onRange(action);
    }
    event.preventDefault();
  };
  return (
    <div
      class="chart"
      ref={host}
      tabIndex={0}
      role="group"
      aria-label={props.label}
      aria-describedby={props.describedBy}
      onKeyDown={key}
    >
      <div ref={place} class="plot" aria-hidden="true" />
      <Legend columns={props.columns} index={at} props={props} />
      <span hidden>
        {INKS.map((ink) => (
          <i class={inkClass(ink)} />
        ))}
      </span>
    </div>
  );
}
