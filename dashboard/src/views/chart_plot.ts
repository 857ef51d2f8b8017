/* uPlot as this page uses it: times in ms, colours from the style sheet, words by the locale. */
import uPlot from "uplot";
import type { Figure } from "../house/history_data";
import type { Range } from "../house/history_view";
import { number } from "./format";
import { pattern, type Ink } from "./ink";
import { timeLabels } from "./time_axis";

export interface Column {
  label: string;
  draw: "line" | "edge" /* of the band between two of them */ | "bars";
  ink: Ink;
  values: readonly Figure[];
}

export interface Drawing {
  times: readonly number[];
  columns: readonly Column[];
  fromZero: boolean;
  unit?: string; /* behind the figures of the axis */
  height: number;
}

export interface Listeners {
  range(): Range;
  selected(range: Range): void;
  pointed(index: number | null): void;
  drawn(): void;
}

const CHARACTER_PX = 7.5;

/* The column that a value stands alone in, between two gaps, has no line to show it: it gets a dot. */
function alone(u: uPlot, series: number): number[] {
  const values = u.data[series] as Figure[];
  return values.flatMap((v, i) =>
    v !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null ? [i] : [],
  );
}

function seriesOf(column: Column, colour: (ink: Ink) => string): uPlot.Series {
  const stroke = () => colour(column.ink);
  if (column.draw === "edge") return { stroke, width: 0, points: { show: false } };
  if (column.draw === "line") return { stroke, width: 1.5, points: { show: true, filter: alone, size: 4, fill: stroke } };
  const state = /^state(\d+)$/.exec(column.ink);
  const fill = state ? () => pattern(stroke(), colour("ground"), Number(state[1])) : stroke;
  return { stroke, width: 0, fill, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.95, 80], align: 1 }) };
}

function bandsOf(columns: readonly Column[], colour: (ink: Ink) => string): uPlot.Band[] {
  const edges = columns.flatMap(({ draw }, i) => (draw === "edge" ? [i + 1] : []));
  return edges.length === 2 ? [{ series: [edges[0]!, edges[1]!], fill: () => colour("band") }] : [];
}

function yRange(fromZero: boolean): uPlot.Scale.Range {
  return (_u, least, most) => {
    if (least === null || most === null) return [0, 1];
    if (fromZero) return [0, most > 0 ? most * 1.05 : 1];
    return uPlot.rangeNum(least, most, 0.1, true);
  };
}

function axesOf(colour: (ink: Ink) => string, unit = ""): uPlot.Axis[] {
  const ink = {
    stroke: () => colour("text"),
    grid: { stroke: () => colour("grid"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const width = (_u: uPlot, texts: string[] | null) =>
    14 + CHARACTER_PX * Math.max(3, ...(texts ?? []).map((text) => text.length));
  return [
    { ...ink, space: 70, size: 42, values: (_u, marks, _axis, _space, step) => timeLabels(marks, step) },
    { ...ink, space: 36, size: width, values: (_u, marks) => marks.map((mark) => number(mark) + unit) },
  ];
}

const dataOf = ({ times, columns }: Drawing) => [times, ...columns.map(({ values }) => values)] as uPlot.AlignedData;

export const plotWidth = (place: HTMLElement) => Math.max(200, place.clientWidth);

export function makePlot(place: HTMLElement, drawing: Drawing, colour: (ink: Ink) => string, listeners: Listeners): uPlot {
  const { fromMs, toMs } = listeners.range();
  const options: uPlot.Options = {
    width: plotWidth(place),
    height: drawing.height,
    ms: 1,
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false },
      bind: {
        /* With a key it is a pan (chart_gestures.ts), and two clicks are none that reset. */
        mousedown: (_u, _target, handler) => (event) => (event.shiftKey ? null : handler(event)),
        dblclick: () => () => null,
      },
    },
    scales: { x: { time: true, auto: false, min: fromMs, max: toMs }, y: { range: yRange(drawing.fromZero) } },
    series: [{}, ...drawing.columns.map((column) => seriesOf(column, colour))],
    bands: bandsOf(drawing.columns, colour),
    axes: axesOf(colour, drawing.unit),
    hooks: {
      setSelect: [(u) => tellSelected(u, listeners)],
      setCursor: [(u) => listeners.pointed(u.cursor.idx ?? null)],
      draw: [() => listeners.drawn()],
    },
  };
  return new uPlot(options, dataOf(drawing), place);
}

const DRAG_LEAST_PX = 6;

function tellSelected(u: uPlot, listeners: Listeners): void {
  const { left, width } = u.select;
  if (width === 0) return;
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (width >= DRAG_LEAST_PX) listeners.selected({ fromMs: u.posToVal(left, "x"), toMs: u.posToVal(left + width, "x") });
}

/* Other figures and another stretch of time, in one picture. */
export function showPlot(u: uPlot, drawing: Drawing, { fromMs, toMs }: Range): void {
  u.batch(() => {
    u.setData(dataOf(drawing), false);
    u.setScale("x", { min: fromMs, max: toMs });
  });
}
