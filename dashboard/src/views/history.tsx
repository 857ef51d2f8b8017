/* History: trends of all events, any series, energy. What is looked at stands in the address (house/history_view). */
import { useEffect, useMemo } from "preact/hooks";
import { Catalogue } from "../house/catalogue";
import { energyViewOf } from "../house/energy";
import { History as Model, subjectOf, type Shown } from "../house/history";
import { queryOf, rangeOf, SHOWS, viewOf, withRange, type HistoryView, type Show } from "../house/history_view";
import type { House } from "../house/house";
import "./history.css";
import { SeriesChoice, seriesLabel } from "./history_choice";
import { Moves, Periods, ShapeChoice, WindowChoice, type Setting } from "./history_controls";
import { Energy } from "./history_energy";
import { RiseShown, TrendsShown } from "./history_bars";
import { NumbersShown } from "./history_numbers";
import { Subject, type Common } from "./history_shown";
import { StatesShown } from "./history_states";
import { Source } from "./history_source";
import { Tags } from "./history_tags";
import { Answered, Section } from "./parts";
import { fragmentOf, go, route } from "./route";
import { useHistory } from "./use_history";

const SHOW_WORDS: Record<Show, string> = { trends: "Events and errors", series: "A device or entity", energy: "Energy" };
const KEYS =
  "Keys, when the chart has the focus: arrow left and right move, + and − zoom, Home goes to now, Shift with an arrow points " +
  "at the next value. Mouse: drag over a stretch to zoom into it, drag with Shift to move, turn the wheel to zoom, double " +
  "click to zoom out. Fingers: one moves, two zoom.";

function Shows({ view }: { view: HistoryView }) {
  const query = (show: Show) => queryOf({ ...view, show, window: "" });
  return (
    <nav class="shows" aria-label="Kinds of history">
      {SHOWS.map((show) => (
        <a href={fragmentOf({ view: "history", query: query(show) })} aria-current={view.show === show ? "true" : undefined}>
          {SHOW_WORDS[show]}
        </a>
      ))}
    </nav>
  );
}

function Settings({ setting, catalogue, mixed }: { setting: Setting; catalogue: Catalogue; mixed: string }) {
  const { view, set } = setting;
  const isSeries = view.show === "series";
  return (
    <>
      {isSeries && (
        <div class="settings">
          <SeriesChoice
            choices={catalogue.choices.value}
            series={view.series}
            truncated={catalogue.truncated.value}
            onChoose={(series) => set({ ...view, series, shape: "values" })}
          />
          <ShapeChoice {...setting} />
        </div>
      )}
      {isSeries && catalogue.error.value && (
        <p class="problem" role="alert">
          The list of series: {catalogue.error.value}
        </p>
      )}
      {isSeries && view.series && (
        <Tags
          key={JSON.stringify(view.series)}
          series={view.series}
          mixed={mixed}
          onChange={(tags) => set({ ...view, series: { ...view.series!, tags } })}
        />
      )}
      <div class="settings">
        <Periods {...setting} />
        <Moves {...setting} />
        <WindowChoice {...setting} />
      </div>
    </>
  );
}

function Kind({ shown, ...common }: Common & { shown: Shown }) {
  if (shown.kind === "trends") return <TrendsShown shown={shown} {...common} />;
  if (shown.kind === "numbers") return <NumbersShown shown={shown} {...common} />;
  return shown.kind === "rise" ? <RiseShown shown={shown} {...common} /> : <StatesShown shown={shown} {...common} />;
}

const nameOf = ({ show, series }: HistoryView) => (show === "trends" || !series ? "Events and errors" : seriesLabel(series));

/* The link to what is seen now keeps its end, so that it shows the same tomorrow. */
function ExactLink({ view, shown }: { view: HistoryView; shown: Shown }) {
  const query = queryOf({ ...view, endMs: view.endMs ?? shown.range.toMs });
  return (
    <p>
      <a href={fragmentOf({ view: "history", query })}>Link to exactly this</a>
    </p>
  );
}

function settingOf(history: Model, view: HistoryView): Setting {
  return {
    view,
    nowMs: () => history.now(),
    set: (changed) => go("history", queryOf(changed)),
    step: (changed) => go("history", queryOf(changed), true),
  };
}

function zoomOf({ view, nowMs, step }: Setting): Common["zoom"] {
  return {
    now: nowMs,
    onRange: (range) => step(withRange(view, range, nowMs())),
    onNow: () => step({ ...view, endMs: null }),
  };
}

function Stretch({ house, view, catalogue, kiosk }: { house: House; view: HistoryView; catalogue: Catalogue; kiosk: boolean }) {
  const history = useMemo(() => new Model(house.asker, house.bad), [house]);
  useHistory(house, history, () => view, view.endMs === null);
  const setting = settingOf(history, view);
  const shown = history.shown.value?.of === subjectOf(view) ? history.shown.value : null;
  const isExact = shown !== null && JSON.stringify(shown.view) === JSON.stringify(view);
  const needsSeries = view.show === "series" && view.series === null;
  return (
    <>
      {!kiosk && <Settings setting={setting} catalogue={catalogue} mixed={shown?.kind === "numbers" ? shown.mixed : ""} />}
      <Answered
        loading={history.loading.value}
        error={history.error.value}
        empty={!shown}
        nothing={needsSeries ? "Choose a series above." : ""}
      >
        {shown && <Subject name={nameOf(view)} />}
        {shown && (
          <Kind
            shown={shown}
            range={isExact ? shown.range : rangeOf(view, history.now())}
            name={nameOf(view)}
            zoom={zoomOf(setting)}
          />
        )}
        {shown && <Source shown={shown} />}
        {shown && !kiosk && <ExactLink view={view} shown={shown} />}
      </Answered>
      <p id="history-keys" class={kiosk ? "hidden" : "plain keys"}>
        {KEYS}
      </p>
    </>
  );
}

export function History({ house }: { house: House }) {
  const { query, kiosk } = route.value;
  const view = viewOf(query);
  const catalogue = useMemo(() => new Catalogue(house.asker, house.bad), [house]);
  const isOnline = house.connection.state.value.phase === "online";
  const needsCatalogue = view.show !== "trends";
  useEffect(() => {
    if (isOnline && needsCatalogue) void catalogue.load();
  }, [isOnline, needsCatalogue]);
  return (
    <Section title="History">
      {!kiosk && <Shows view={view} />}
      {view.show === "energy" ? (
        <Energy house={house} catalogue={catalogue} view={energyViewOf(query)} kiosk={kiosk} />
      ) : (
        <Stretch house={house} view={view} catalogue={catalogue} kiosk={kiosk} />
      )}
    </Section>
  );
}
