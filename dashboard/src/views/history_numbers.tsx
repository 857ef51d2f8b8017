/* A series of numbers: a line of means in the band from the lowest to the highest. */
import { summaryOf, withoutPauses, type Numbers } from "../house/history_data";
import { Chart, type Column } from "./chart";
import { FigureTable } from "./figure_table";
import { number, time } from "./format";
import { DRAWN, Figures, HEIGHT, span, Told, TOLD, type Common, type Of } from "./history_shown";

function columnsOf({ mean, min, max }: Numbers): Column[] {
  return [
    { label: "mean", draw: "line", ink: "main", values: mean },
    { label: "highest", draw: "edge", ink: "band", values: max },
    { label: "lowest", draw: "edge", ink: "band", values: min },
  ];
}

function rowOf({ times, mean, min, max, count }: Numbers, i: number): string[] {
  const from = time(times[i]!);
  return mean[i] === null
    ? [from, "no values", "", "", "0"]
    : [from, ...[mean, min, max, count].map((column) => number(column[i]))];
}

export function NumbersShown({ shown, ...common }: Common & { shown: Of<"numbers"> }) {
  const summary = summaryOf(shown.numbers);
  const drawn = withoutPauses(shown.numbers);
  const gaps = drawn.mean.filter((value) => value === null).length;
  const columns = columnsOf(drawn);
  return (
    <>
      <Figures
        figures={[
          ["Lowest", number(summary.min)],
          ["Mean", number(summary.mean)],
          ["Highest", number(summary.max)],
          ["Values", number(summary.count)],
        ]}
      />
      <Chart
        {...common}
        label={`Chart of ${common.name}`}
        describedBy={TOLD}
        mark={DRAWN}
        times={drawn.times}
        columns={columns}
        fromZero={false}
        height={HEIGHT}
      />
      <Told id="history-told">
        {span(common.range)}: {number(summary.count)} values, lowest {number(summary.min)}, mean {number(summary.mean)}, highest{" "}
        {number(summary.max)}; one point for each {shown.window} with values
        {gaps > 0 ? `, ${gaps} ${gaps === 1 ? "gap" : "gaps"}` : ", no gap"}.
      </Told>
      <FigureTable
        label={`Table of ${common.name}`}
        heads={["From", "Mean", "Lowest", "Highest", "Values"]}
        count={drawn.times.length}
        row={(i) => rowOf(drawn, i)}
      />
    </>
  );
}
