/* What came of a question, drawn and told: one component for each kind of answer. */
import { withoutPauses, summaryOf, totalOf, type Figure } from "../house/history_data";
import type { Shown } from "../house/history";
import type { Range } from "../house/history_view";
import { Chart, type ChartProps, type Column } from "./chart";
import { FigureTable } from "./figure_table";
import { duration, number, percent, time } from "./format";
import type { Ink } from "./ink";
import { Clip } from "./parts";

type Of<K extends Shown["kind"]> = Extract<Shown, { kind: K }>;
export const DRAWN = "hearthline:history-drawn"; /* a performance mark: what is measured as drawing */

interface Common {
  range: Range;
  name: string; /* of what is shown */
  zoom?: ChartProps["zoom"];
}

const TOLD = "history-told history-keys"; /* what a chart's words and keys are told by */
const HEIGHT = 280;
const LOW_HEIGHT = 140;

export function Figures({ figures }: { figures: readonly [string, string][] }) {
  return <dl class="figures">{figures.map(([name, figure]) => <div><dt>{name}</dt><dd>{figure}</dd></div>)}</dl>;
}

function Told({ id, children }: { id: string; children: preact.ComponentChildren }) {
  return <p id={id} class="told">{children}</p>;
}

const span = ({ fromMs, toMs }: Range) => `${time(fromMs)} to ${time(toMs)}`;

export function NumbersShown({ shown, ...common }: Common & { shown: Of<"numbers"> }) {
  const summary = summaryOf(shown.numbers);
  const drawn = withoutPauses(shown.numbers);
  const gaps = drawn.mean.filter((value) => value === null).length;
  const columns: Column[] = [
    { label: "mean", draw: "line", ink: "main", values: drawn.mean },
    { label: "highest", draw: "edge", ink: "band", values: drawn.max },
    { label: "lowest", draw: "edge", ink: "band", values: drawn.min },
  ];
  return (
    <>
      <Figures figures={[["Lowest", number(summary.min)], ["Mean", number(summary.mean)], ["Highest", number(summary.max)], ["Values", number(summary.count)]]} />
      <Chart {...common} label={`Chart of ${common.name}`} describedBy={TOLD} mark={DRAWN} times={drawn.times} columns={columns} fromZero={false} height={HEIGHT} />
      <Told id="history-told">
        {span(common.range)}: {number(summary.count)} values, lowest {number(summary.min)}, mean {number(summary.mean)}, highest{" "}
        {number(summary.max)}; one point for each {shown.window} with values{gaps > 0 ? `, ${gaps} ${gaps === 1 ? "gap" : "gaps"}` : ", no gap"}.
      </Told>
      <FigureTable
        label={`Table of ${common.name}`} heads={["From", "Mean", "Lowest", "Highest", "Values"]} count={drawn.times.length}
        row={(i) => drawn.mean[i] === null
          ? [time(drawn.times[i]!), "no values", "", "", "0"]
          : [time(drawn.times[i]!), number(drawn.mean[i]), number(drawn.min[i]), number(drawn.max[i]), number(drawn.count[i])]}
      />
    </>
  );
}

function barColumns(label: string, ink: Ink, values: readonly Figure[]): Column[] {
  return [{ label, draw: "bars", ink, values }];
}

export function TrendsShown({ shown, ...common }: Common & { shown: Of<"trends"> }) {
  const { times, events, errors } = shown.trends;
  const ofEvents = totalOf(events);
  const ofErrors = totalOf(errors);
  const share = ofEvents.total && ofErrors.total !== null ? (100 * ofErrors.total) / ofEvents.total : null;
  const errorsTold = ofErrors.total === null ? "nobody told of errors" : `${number(ofErrors.total)} errors, at most ${number(ofErrors.max)} in one ${shown.window}`;
  const told = ofEvents.total === null ? "nobody told of events" :
    `${number(ofEvents.total)} events, in each ${shown.window} ${number(ofEvents.min)} to ${number(ofEvents.max)}, ${number(ofEvents.mean)} in the mean`;
  return (
    <>
      <Figures figures={[["Events", number(ofEvents.total)], [`Mean of ${shown.window}`, number(ofEvents.mean)], ["Errors", number(ofErrors.total)], ["Errors of 100 events", percent(share)]]} />
      <Chart {...common} label="Chart of events" describedBy={TOLD} mark={DRAWN} times={times} columns={barColumns(`events each ${shown.window}`, "main", events)} fromZero height={HEIGHT - 60} />
      <Chart {...common} label="Chart of errors" describedBy={TOLD} times={times} columns={barColumns(`errors each ${shown.window}`, "bad", errors)} fromZero height={LOW_HEIGHT} />
      <Told id="history-told">{span(common.range)}: {told}; {errorsTold}.</Told>
      <FigureTable label="Table of events and errors" heads={["From", "Events", "Errors"]} count={times.length} row={(i) => [time(times[i]!), number(events[i]), number(errors[i])]} />
    </>
  );
}

export function RiseShown({ shown, unit = "", ...common }: Common & { shown: Of<"rise">; unit?: string }) {
  const { total, min, mean, max } = totalOf(shown.rises);
  const told = (figure: Figure) => (figure === null ? number(figure) : `${number(figure)}${unit}`);
  return (
    <>
      <Figures figures={[["Together", told(total)], ["Lowest", told(min)], ["Mean", told(mean)], ["Highest", told(max)]]} />
      <Chart {...common} label={`Chart of the rise of ${common.name}`} describedBy={TOLD} mark={DRAWN} times={shown.times} columns={barColumns(`rise in ${shown.window}`, "main", shown.rises)} fromZero height={HEIGHT} />
      <Told id="history-told">
        {span(common.range)}: {told(total)} together; in each {shown.window} {told(min)} to {told(max)}, {told(mean)} in the mean.
      </Told>
      <FigureTable label={`Table of the rise of ${common.name}`} heads={["From", "Rise"]} count={shown.times.length} row={(i) => [time(shown.times[i]!), told(shown.rises[i]!)]} />
    </>
  );
}

/* Bars on top of each other: each is drawn from the ground up to where it ends, the highest first. */
function stacked(shown: Of<"states">): Column[] {
  const { names, seconds, times } = shown.states;
  const sums = times.map(() => 0);
  const columns = names.map((label, s): Column => ({
    label,
    draw: "bars",
    ink: `state${s}`,
    values: times.map((_, i) => (seconds[s]![i] === null ? null : (sums[i] = sums[i]! + seconds[s]![i]!))).map((v) => (v === null ? null : (v * 100_000) / shown.windowMs)),
  }));
  return columns.reverse();
}

export function StatesShown({ shown, ...common }: Common & { shown: Of<"states"> }) {
  const { names, totals, seconds, times } = shown.states;
  const known = totals.reduce((sum, s) => sum + s, 0);
  const share = (s: number | null | undefined) => (s === null || s === undefined || known === 0 ? "–" : percent((100 * s) / known));
  const columns = stacked(shown);
  return (
    <>
      <Chart
        {...common} label={`Chart of the time in each state, in percent: ${common.name}`} describedBy={TOLD} mark={DRAWN} times={times} columns={columns} fromZero unit=" %" height={HEIGHT - 40}
        values={(column, i) => duration(seconds[names.length - 1 - column]?.[i])}
      />
      <Told id="history-told">
        {span(common.range)}: {names.length === 0 ? "no state is known." : <>mostly <Clip text={names[0]!} most={60} /> ({share(totals[0])} of the time that is known).</>}
      </Told>
      <div class="wide" role="region" aria-label="Time in each state" tabIndex={0}>
        <table class="states">
          <caption class="hidden">Time in each state</caption>
          <thead><tr><th scope="col">State</th><th scope="col" class="figure">Time</th><th scope="col" class="figure">Share</th></tr></thead>
          <tbody>{names.map((name, s) => <tr key={name}><th scope="row"><Clip text={name} most={60} /></th><td class="figure">{duration(totals[s])}</td><td class="figure">{share(totals[s])}</td></tr>)}</tbody>
        </table>
      </div>
      <FigureTable
        label={`Table by time: ${common.name}`} heads={["From", ...names.map((name) => `${name}`.slice(0, 40))]} count={times.length}
        row={(i) => [time(times[i]!), ...names.map((_, s) => duration(seconds[s]![i]))]}
      />
    </>
  );
}
