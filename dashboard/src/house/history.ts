/* The history as it is looked at: asks for what a view needs, and holds what came of it. */
import { signal } from "@preact/signals";
import { AskError, wordsOf, type Asker } from "../bus/ask";
import { check, checkList } from "../messages/check";
import { MISSING, TREND, TRENDS, type Missing, type TrendsAnswer } from "../messages/history";
import type { BadItems } from "./bad";
import {
  figuresOf,
  merge,
  statesOf,
  trendsOf,
  windowMs,
  type Figure,
  type Numbers,
  type States,
  type Trends,
} from "./history_data";
import { aloneRequest, besideRequest, seriesRequest, trendsRequest } from "./history_request";
import type { HistoryView, Range } from "./history_view";
import { askHistory } from "./series";

export interface Answered {
  of: string; /* what was asked of: an answer of something else is not shown */
  view: HistoryView; /* as it was asked */
  range: Range;
  windowMs: number;
  window: string;
  source: string;
  madeMs: number; /* when the answer was made, by the query service's clock */
  cachedS: number; /* 0: made for us */
  ageS: number | null; /* from the newest figure to when it was made, where the answer tells it */
  missing: Missing[];
}

export type Shown = Answered &
  (
    | { kind: "trends"; trends: Trends }
    | { kind: "numbers"; numbers: Numbers; mixed: string /* words, when it is more than one series */ }
    | { kind: "rise"; times: number[]; rises: Figure[] }
    | { kind: "states"; states: States }
  );

/* What a view is of, whatever its stretch of time. */
export function subjectOf(view: HistoryView): string {
  return JSON.stringify(view.show === "trends" ? view.show : [view.series, view.shape]);
}

interface Envelope {
  from: string;
  to: string;
  window: string;
  source: string;
  timestamp: string;
  cached: boolean;
  cache_age_s: number;
  age_s?: number | null;
}

function answered(view: HistoryView, answer: Envelope, missing: Missing[] = []): Answered {
  return {
    of: subjectOf(view),
    view,
    range: { fromMs: Date.parse(answer.from), toMs: Date.parse(answer.to) },
    windowMs: windowMs(answer),
    window: answer.window,
    source: answer.source,
    madeMs: Date.parse(answer.timestamp),
    cachedS: answer.cached ? answer.cache_age_s : 0,
    ageS: answer.age_s ?? null,
    missing,
  };
}

export class History {
  readonly shown = signal<Shown | null>(null);
  readonly loading = signal(false);
  readonly error = signal("");
  private turn = 0; /* of several questions under way only the last one counts */
  private aheadMs = 0; /* how far this machine's clock is ahead of the query service's */

  constructor(
    private readonly asker: Asker,
    private readonly bad: BadItems,
  ) {}

  /* Now, by the clock that periods are measured with: an end in its future is refused. */
  now(): number {
    return Date.now() - this.aheadMs;
  }

  async load(view: HistoryView): Promise<void> {
    const turn = ++this.turn;
    if (this.shown.value && this.shown.value.of !== subjectOf(view)) this.shown.value = null;
    this.error.value = "";
    this.loading.value = view.show === "trends" || view.series !== null;
    if (!this.loading.value) return;
    try {
      const shown = await this.ask(view);
      if (turn === this.turn) this.shown.value = shown;
    } catch (error) {
      if (turn === this.turn) this.error.value = wordsOf(error);
    } finally {
      if (turn === this.turn) this.loading.value = false;
    }
  }

  private ask(view: HistoryView): Promise<Shown> {
    if (view.show === "trends") return this.askTrends(view);
    if (view.show === "energy" || view.shape === "rise") return this.askRise(view);
    return view.shape === "states" ? this.askStates(view) : this.askValues(view);
  }

  private async askTrends(view: HistoryView): Promise<Shown> {
    const checked = check<TrendsAnswer>(TRENDS, await this.asker.ask("stats/trends", trendsRequest(view)));
    if (!checked.ok) throw new AskError("unreadable", `The answer cannot be read: ${checked.words}`);
    const { items, bad } = checkList(TREND, checked.value.trends);
    if (bad > 0) this.bad.note("stats/trends", `${bad} of the answer cannot be read`);
    this.sawClock(checked.value);
    return {
      ...answered(view, checked.value, checkList(MISSING, checked.value.missing).items),
      kind: "trends",
      trends: trendsOf(items),
    };
  }

  private async askRise(view: HistoryView): Promise<Shown> {
    const answer = await askHistory(this.asker, seriesRequest(view, "increase"));
    this.sawClock(answer);
    const { times, values } = figuresOf(answer.rows);
    return { ...answered(view, answer), kind: "rise", times, rises: values };
  }

  private async askStates(view: HistoryView): Promise<Shown> {
    const answer = await askHistory(this.asker, seriesRequest(view, "time_in_state"));
    this.sawClock(answer);
    return { ...answered(view, answer), kind: "states", states: statesOf(answer.rows) };
  }

  /* The first answer tells whether they are numbers, and the windows that the others are asked over. */
  private async askValues(view: HistoryView): Promise<Shown> {
    const mean = await askHistory(this.asker, seriesRequest(view));
    this.sawClock(mean);
    if (mean.aggregate !== "mean") return this.askStates(view);
    const beside = (aggregate: string) => askHistory(this.asker, besideRequest(view, mean, aggregate));
    const [min, max, count, mixed] = await Promise.all([beside("min"), beside("max"), beside("count"), this.isMixed(view, mean)]);
    return { ...answered(view, mean), kind: "numbers", numbers: merge(mean, min, max, count), mixed };
  }

  private async isMixed(view: HistoryView, answer: { to: string }): Promise<string> {
    try {
      await askHistory(this.asker, aloneRequest(view, answer));
      return "";
    } catch (error) {
      if (error instanceof AskError && error.code === "bad_request") return error.message;
      throw error;
    }
  }

  private sawClock(answer: Envelope): void {
    if (!answer.cached) this.aheadMs = Date.now() - Date.parse(answer.timestamp);
  }
}
