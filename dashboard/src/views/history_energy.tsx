/* Energy: what a meter counted in each hour of a day, or on each day of a month. */
import { useMemo } from "preact/hooks";
import { energyOf, type Catalogue } from "../house/catalogue";
import {
  energyHistory,
  energyNamed,
  energyQuery,
  energyRange,
  energyStep,
  type EnergySpan,
  type EnergyView,
} from "../house/energy";
import { History, subjectOf } from "../house/history";
import type { House } from "../house/house";
import type { Series } from "../house/series";
import { seriesLabel } from "./history_choice";
import { RiseShown } from "./history_bars";
import { Subject } from "./history_shown";
import { Source } from "./history_source";
import { Answered } from "./parts";
import { fragmentOf, go } from "./route";
import { useHistory } from "./use_history";

const SPANS: [EnergySpan, string][] = [
  ["day", "a day by hours"],
  ["month", "a month by days"],
];
/* As the field's name tells it. */
const unitOf = ({ field }: Series) => (/kwh/i.test(field) ? " kWh" : /_wh$/i.test(field) ? " Wh" : "");
const sameSeries = (a: Series) => JSON.stringify([a.measurement, a.field, a.tags]);

function Meters({ meters, view }: { meters: readonly Series[]; view: EnergyView }) {
  const known =
    view.series && !meters.some((m) => sameSeries(m) === sameSeries(view.series!)) ? [view.series, ...meters] : meters;
  const chosen = view.series ? sameSeries(view.series) : "";
  const choose = (key: string) =>
    go("history", energyQuery({ ...view, series: known.find((m) => sameSeries(m) === key) ?? null }));
  return (
    <label>
      Meter{" "}
      <select value={chosen} onChange={(e) => choose(e.currentTarget.value)}>
        {known.map((m) => (
          <option value={sameSeries(m)}>{seriesLabel(m)}</option>
        ))}
      </select>
    </label>
  );
}

function Controls({ view, meters, nowMs }: { view: EnergyView; meters: readonly Series[]; nowMs: number }) {
  const set = (changed: EnergyView) => go("history", energyQuery(changed));
  return (
    <div class="settings">
      <Meters meters={meters} view={view} />
      <div class="group" role="group" aria-label="Stretch">
        {SPANS.map(([span, words]) => (
          <button type="button" aria-pressed={view.span === span} onClick={() => set({ ...view, span, on: "" })}>
            {words}
          </button>
        ))}
      </div>
      <div class="group" role="group" aria-label="Move">
        <button type="button" onClick={() => set(energyStep(view, -1, nowMs))}>
          {view.span === "day" ? "Day before" : "Month before"}
        </button>
        <button type="button" disabled={view.on === ""} onClick={() => set(energyStep(view, 1, nowMs))}>
          {view.span === "day" ? "Next day" : "Next month"}
        </button>
        <button type="button" aria-pressed={view.on === ""} onClick={() => set({ ...view, on: "" })}>
          {view.span === "day" ? "Today" : "This month"}
        </button>
      </div>
    </div>
  );
}

export function Energy({
  house,
  catalogue,
  view: asked,
  kiosk,
}: {
  house: House;
  catalogue: Catalogue;
  view: EnergyView;
  kiosk: boolean;
}) {
  const history = useMemo(() => new History(house.asker, house.bad), [house]);
  const meters = energyOf(catalogue.choices.value).map(({ series }) => series);
  const view = { ...asked, series: asked.series ?? meters[0] ?? null };
  const range = energyRange(view, history.now());
  useHistory(house, history, () => energyHistory(view, history.now()), range.toMs > history.now());
  const shown = history.shown.value;
  const isShown = shown?.kind === "rise" && view.series !== null && shown.of === subjectOf(energyHistory(view, history.now()));
  const exact = energyQuery(energyNamed(view, history.now()));
  return (
    <>
      {!kiosk && <Controls view={view} meters={meters} nowMs={history.now()} />}
      <Answered
        loading={history.loading.value || catalogue.loading.value}
        error={history.error.value || catalogue.error.value}
        empty={!isShown}
        nothing="No device with an energy counter was heard of in the last 7 days."
      >
        {isShown && <Subject name={`${seriesLabel(view.series!)}: ${view.span === "day" ? "hours" : "days"}`} />}
        {isShown && shown.range.fromMs === range.fromMs && (
          <RiseShown shown={shown} range={range} name={seriesLabel(view.series!)} unit={unitOf(view.series!)} />
        )}
        {isShown && <Source shown={shown} />}
        {isShown && !kiosk && (
          <p>
            <a href={fragmentOf({ view: "history", query: exact })}>Link to exactly this</a>
          </p>
        )}
      </Answered>
    </>
  );
}
