/* Small pieces that every view uses. */
import type { ComponentChildren } from "preact";
import { nowMs } from "../house/clock";
import { age, clip, time, visible } from "./format";

/* A state in a word and a shape, not only in a colour. */
export const SHAPES: Record<string, string> = {
  online: "●", degraded: "▲", stale: "◔", offline: "✕", unknown: "○",
  firing: "▲", acknowledged: "◆", resolved: "●", error: "■", warning: "▲", info: "●",
  good: "●", warn: "▲", bad: "■",
};

export function State(props: { state: string; words?: string }) {
  return (
    <span class={`state state-${props.state}`}>
      <span aria-hidden="true">{SHAPES[props.state] ?? "○"}</span> {props.words ?? props.state}
    </span>
  );
}

export function Ago(props: { at: number | string }) {
  const ms = typeof props.at === "string" ? Date.parse(props.at) : props.at;
  return <time dateTime={new Date(ms).toISOString()} title={time(ms)}>{age(ms, nowMs.value)}</time>;
}

/* A text from the bus, cut where it is too long for the page; its title has more of it. Its letters may run from
 * right to left; what stands beside it keeps its place. */
export function Clip(props: { text: string; most?: number }) {
  const text = visible(clip(props.text, 2000));
  return <bdi title={text}>{clip(text, props.most)}</bdi>;
}

export function Section(props: { title: string; id?: string; children: ComponentChildren }) {
  const id = props.id ?? props.title.toLowerCase().replace(/\W+/g, "-");
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{props.title}</h2>
      {props.children}
    </section>
  );
}

/* What a question came to, while it is asked, when it failed, when there is nothing. */
export function Answered(props: { loading: boolean; error: string; empty: boolean; nothing: string; children: ComponentChildren }) {
  return (
    <>
      {props.error && <p class="problem" role="alert">{props.error}</p>}
      {props.loading && props.empty && !props.error && <p class="plain" role="status">Asking…</p>}
      {!props.loading && !props.error && props.empty && <p class="plain">{props.nothing}</p>}
      {props.children}
    </>
  );
}
