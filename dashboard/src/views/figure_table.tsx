/* The same figures as a chart's, as a table, for who wants them or cannot see it; made when it is opened. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

const FIRST = 200;

interface Props {
  label: string;
  heads: readonly string[];
  count: number;
  row(index: number): readonly ComponentChildren[]; /* the first cell is its head */
}

function Rows({ label, heads, count, row }: Props) {
  const all = useSignal(false);
  const shown = all.value ? count : Math.min(count, FIRST);
  return (
    <>
      <div class="wide tall" role="region" aria-label={label} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {heads.map((head, i) => (
                <th scope="col" class={i > 0 ? "figure" : undefined}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: shown }, (_, i) => {
              const [first, ...others] = row(i);
              return (
                <tr key={i}>
                  <th scope="row">{first}</th>
                  {others.map((cell) => (
                    <td class="figure">{cell}</td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {shown < count && (
        <button type="button" onClick={() => (all.value = true)}>
          All {count} rows
        </button>
      )}
    </>
  );
}

export function FigureTable(props: Props) {
  const open = useSignal(false);
  return (
    <details open={open.value} onToggle={(e) => (open.value = e.currentTarget.open)}>
      <summary>{props.label}</summary>
      {open.value && <Rows {...props} />}
    </details>
  );
}
