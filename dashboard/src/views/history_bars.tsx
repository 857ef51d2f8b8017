/* Figures that add up: events and errors, and how much a meter rose. */
import { totalOf, type Figure, type Total } from "../house/history_data";
import { Chart, type Column } from "./chart";
import { FigureTable } from "./figure_table";
import { number, time } from "./format";
import { DRAWN, Figures, HEIGHT, LOW_HEIGHT, span, Told, TOLD, type Common, type Of } from "./history_shown";
import type { Ink } from "./ink";

function barColumns(label: string, ink: Ink, values: readonly Figure[]): Column[] {
  return [{ label, draw: "bars", ink, values }];
}

function eventsTold({ total, min, mean, max }: Total, window: string): string {
  if (total === null) return "nobody told of events";
  return `${number(total)} events, in each ${window} ${number(min)} to ${number(max)}, ${number(mean)} in the mean`;
}

function errorsTold({ total, max }: Total, window: string): string {
  return total === null ? "nobody told of errors" : `${number(total)} errors, at most ${number(max)} in one ${window}`;
}

export function TrendsShown({ shown, ...common }: Common & { shown: Of<"trends"> }) {
  const { times, events, errors } = shown.trends;
  const ofEvents = totalOf(events);
  const ofErrors = totalOf(errors);
  return (
    <>
      <Figures
        figures={[
          ["Events", number(ofEvents.total)],
          [`Mean of ${shown.window}`, number(ofEvents.mean)],
          ["Errors", number(ofErrors.total)],
          [`Most errors in ${shown.window}`, number(ofErrors.max)],
        ]}
      />
      <Chart
        {...common}
        label="Chart of events"
        describedBy={TOLD}
        mark={DRAWN}
        times={times}
        columns={barColumns(`events each ${shown.window}`, "main", events)}
        fromZero
        height={HEIGHT - 60}
      />
      <Chart
        {...common}
        label="Chart of errors"
        describedBy={TOLD}
        times={times}
        columns={barColumns(`errors each ${shown.window}`, "bad", errors)}
        fromZero
        height={LOW_HEIGHT}
      />
      <Told id="history-told">
        {span(common.range)}: {eventsTold(ofEvents, shown.window)}; {errorsTold(ofErrors, shown.window)}.
      </Told>
      <FigureTable
        label="Table of events and errors"
        heads={["From", "Events", "Errors"]}
        count={times.length}
        row={(i) => [time(times[i]!), number(events[i]), number(errors[i])]}
      />
    </>
  );
}

export function RiseShown({ shown, unit = "", ...common }: Common & { shown: Of<"rise">; unit?: string }) {
  const { total, min, mean, max } = totalOf(shown.rises);
  const told = (figure: Figure) => (figure === null ? number(figure) : `${number(figure)}${unit}`);
  return (
    <>
      <Figures
        figures={[
          ["Together", told(total)],
          ["Lowest", told(min)],
          ["Mean", told(mean)],
          ["Highest", told(max)],
        ]}
      />
      <Chart
        {...common}
        label={`Chart of the rise of ${common.name}`}
        describedBy={TOLD}
        mark={DRAWN}
        times={shown.times}
        columns={barColumns(`rise in ${shown.window}`, "main", shown.rises)}
        fromZero
        height={HEIGHT}
      />
      <Told id="history-told">
        {span(common.range)}: {told(total)} together; in each {shown.window} {told(min)} to {told(max)}, {told(mean)} in the mean.
      </Told>
      <FigureTable
        label={`Table of the rise of ${common.name}`}
        heads={["From", "Rise"]}
        count={shown.times.length}
        row={(i) => [time(shown.times[i]!), told(shown.rises[i]!)]}
      />
    </>
  );
}
