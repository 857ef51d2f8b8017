/* What the kinds of answers have in common: figures above the chart, and words below it. */
import type { Shown } from "../house/history";
import type { Range } from "../house/history_view";
import type { ChartProps } from "./chart";
import { time } from "./format";
import { Clip } from "./parts";

export type Of<K extends Shown["kind"]> = Extract<Shown, { kind: K }>;
export const DRAWN = "hearthline:history-drawn"; /* a performance mark: what is measured as drawing */

export interface Common {
  range: Range;
  name: string; /* of what is shown */
  zoom?: ChartProps["zoom"];
}

export const TOLD = "history-told history-keys"; /* what a chart's words and keys are told by */
export const HEIGHT = 280;
export const LOW_HEIGHT = 140;

/* Also for a display on a wall, where no control says what is looked at. */
export function Subject({ name }: { name: string }) {
  return (
    <h3 class="subject">
      <Clip text={name} most={200} />
    </h3>
  );
}

export function Figures({ figures }: { figures: readonly [string, string][] }) {
  return (
    <dl class="figures">
      {figures.map(([name, figure]) => (
        <div>
          <dt>{name}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Told({ id, children }: { id: string; children: preact.ComponentChildren }) {
  return (
    <p id={id} class="told">
      {children}
    </p>
  );
}

export const span = ({ fromMs, toMs }: Range) => `${time(fromMs)} to ${time(toMs)}`;
