/* What a person can set of a history: the stretch of time, and what becomes of the values in it. */
import {
  panned,
  PERIODS,
  rangeOf,
  SHAPES,
  withRange,
  zoomed,
  type HistoryView,
  type Range,
  type Shape,
} from "../house/history_view";
import { windowsOf } from "../house/history_request";

export interface Setting {
  view: HistoryView;
  nowMs(): number;
  set(view: HistoryView): void; /* another view: "back" leads here again */
  step(view: HistoryView): void; /* a step within this one */
}

const SHAPE_WORDS: Record<Shape, string> = { values: "values", rise: "rise of a meter", states: "time in each state" };

export function Periods({ view, set }: Setting) {
  return (
    <div class="group" role="group" aria-label="Period">
      {PERIODS.map(([text, seconds]) => (
        <button type="button" aria-pressed={view.periodS === seconds} onClick={() => set({ ...view, periodS: seconds })}>
          {text}
        </button>
      ))}
    </div>
  );
}

export function Moves({ view, nowMs, step }: Setting) {
  const to = (range: Range) => step(withRange(view, range, nowMs()));
  const range = () => rangeOf(view, nowMs());
  return (
    <div class="group" role="group" aria-label="Move and zoom">
      <button type="button" onClick={() => to(panned(range(), -0.5, nowMs()))}>
        Earlier
      </button>
      <button type="button" disabled={view.endMs === null} onClick={() => to(panned(range(), 0.5, nowMs()))}>
        Later
      </button>
      <button type="button" onClick={() => to(zoomed(range(), 0.5, 0.5, nowMs()))}>
        Zoom in
      </button>
      <button type="button" onClick={() => to(zoomed(range(), 2, 0.5, nowMs()))}>
        Zoom out
      </button>
      <button type="button" aria-pressed={view.endMs === null} onClick={() => step({ ...view, endMs: null })}>
        Now
      </button>
    </div>
  );
}

export function WindowChoice({ view, set }: Setting) {
  const possible = windowsOf(view);
  const listed = view.window && !possible.includes(view.window) ? [...possible, view.window] : possible;
  return (
    <label>
      One point each{" "}
      <select value={view.window} onChange={(e) => set({ ...view, window: e.currentTarget.value })}>
        <option value="">automatic</option>
        {listed.map((window) => (
          <option value={window}>{window}</option>
        ))}
      </select>
    </label>
  );
}

export function ShapeChoice({ view, set }: Setting) {
  return (
    <label>
      Shown as{" "}
      <select value={view.shape} onChange={(e) => set({ ...view, shape: e.currentTarget.value as Shape })}>
        {SHAPES.map((shape) => (
          <option value={shape}>{SHAPE_WORDS[shape]}</option>
        ))}
      </select>
    </label>
  );
}
