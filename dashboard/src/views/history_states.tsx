/* What is no number: how long it was in which state. */
import { Chart, type Column } from "./chart";
import { FigureTable } from "./figure_table";
import { duration, percent, time } from "./format";
import { DRAWN, HEIGHT, span, Told, TOLD, type Common, type Of } from "./history_shown";
import { Clip } from "./parts";

/* Bars on top of each other: each is drawn from the ground up to where it ends, the highest first. */
function stacked(shown: Of<"states">): Column[] {
  const { names, seconds, times } = shown.states;
  const sums = times.map(() => 0);
  const columns = names.map((label, s): Column => ({
    label,
    draw: "bars",
    ink: `state${s}`,
    values: times
      .map((_, i) => (seconds[s]![i] === null ? null : (sums[i] = sums[i]! + seconds[s]![i]!)))
      .map((v) => (v === null ? null : (v * 100_000) / shown.windowMs)),
  }));
  return columns.reverse();
}

type Share = (seconds: number | null | undefined) => string;

function StateTable({ names, totals, share }: { names: readonly string[]; totals: readonly number[]; share: Share }) {
  return (
    <div class="wide" role="region" aria-label="Time in each state" tabIndex={0}>
      <table class="states">
        <caption class="hidden">Time in each state</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col" class="figure">
              Time
            </th>
            <th scope="col" class="figure">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {names.map((name, s) => (
            <tr key={name}>
              <th scope="row">
                <Clip text={name} most={60} />
              </th>
              <td class="figure">{duration(totals[s])}</td>
              <td class="figure">{share(totals[s])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function StatesShown({ shown, ...common }: Common & { shown: Of<"states"> }) {
  const { names, totals, seconds, times } = shown.states;
  const known = totals.reduce((sum, s) => sum + s, 0);
  const share: Share = (s) => (s === null || s === undefined || known === 0 ? "–" : percent((100 * s) / known));
  const columns = stacked(shown);
  return (
    <>
      <Chart
        {...common}
        label={`Chart of the time in each state, in percent: ${common.name}`}
        describedBy={TOLD}
        mark={DRAWN}
        times={times}
        columns={columns}
        fromZero
        unit=" %"
        height={HEIGHT - 40}
        values={(column, i) => duration(seconds[names.length - 1 - column]?.[i])}
      />
      <Told id="history-told">
        {span(common.range)}:{" "}
        {names.length === 0 ? (
          "no state is known."
        ) : (
          <>
            mostly <Clip text={names[0]!} most={60} /> ({share(totals[0])} of the time that is known).
          </>
        )}
      </Told>
      <StateTable names={names} totals={totals} share={share} />
      <FigureTable
        label={`Table by time: ${common.name}`}
        heads={["From", ...names.map((name) => `${name}`.slice(0, 40))]}
        count={times.length}
        row={(i) => [time(times[i]!), ...names.map((_, s) => duration(seconds[s]![i]))]}
      />
    </>
  );
}
