/* What a person may do about an alert: acknowledge it, or silence it for a time; each with a word on why. */
import { useSignal, type Signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { wordsOf } from "../bus/ask";
import { acknowledge, silence } from "../house/acts";
import type { House } from "../house/house";
import type { Alert } from "../messages/messages";
import { clip, visible } from "./format";

type Act = "acknowledge" | "silence";

const SPANS: Record<string, string> = { "1h": "1 hour", "8h": "8 hours", "1d": "1 day", "7d": "7 days" };
const NAMES: Record<Act, string> = { acknowledge: "Acknowledge", silence: "Silence" };
const DONE: Record<Act, string> = { acknowledge: "Acknowledged", silence: "Silenced" };

interface Props {
  house: House;
  alert: Alert;
  onDone(words: string): void; /* the alert may be in another place by then */
}

interface FormProps extends Props {
  act: Act;
  onCancel(): void;
}

function SpanChoice({ span }: { span: Signal<string> }) {
  return (
    <label>
      For
      <select value={span.value} onChange={(e) => (span.value = e.currentTarget.value)}>
        {Object.entries(SPANS).map(([value, words]) => (
          <option value={value}>{words}</option>
        ))}
      </select>
    </label>
  );
}

function ActForm({ house, alert, act, onDone, onCancel }: FormProps) {
  const why = useSignal("");
  const span = useSignal("8h");
  const error = useSignal("");
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const person = { by: house.connection.user, why: why.value };
    try {
      await (act === "acknowledge" ? acknowledge(house.asker, alert, person) : silence(house.asker, alert, span.value, person));
      onDone(`${DONE[act]}: ${clip(visible(alert.message), 120)}`);
    } catch (e) {
      error.value = wordsOf(e);
    }
  };
  return (
    <form onSubmit={submit} onKeyDown={(e) => e.key === "Escape" && onCancel()}>
      <label>
        Why (may be left out)
        <input ref={first} maxLength={255} value={why.value} onInput={(e) => (why.value = e.currentTarget.value)} />
      </label>
      {act === "silence" && <SpanChoice span={span} />}
      <button type="submit">{NAMES[act]}</button>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
      {error.value && (
        <p class="problem" role="alert">
          {error.value}.
        </p>
      )}
    </form>
  );
}

export function AlertActs(props: Props) {
  const open = useSignal<Act | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const acts: Act[] = [
    ...(props.alert.state === "firing" ? ["acknowledge" as const] : []),
    ...(props.alert.silenced ? [] : ["silence" as const]),
  ];
  const close = (act: Act) => {
    open.value = null;
    requestAnimationFrame(() => place.current?.querySelector<HTMLElement>(`[data-act="${act}"]`)?.focus());
  };
  const done = (words: string) => {
    open.value = null;
    props.onDone(words);
  };
  const act = open.value;
  if (act) return <ActForm {...props} act={act} onDone={done} onCancel={() => close(act)} />;
  return (
    <div class="acts" ref={place}>
      {acts.map((name) => (
        <button type="button" data-act={name} onClick={() => (open.value = name)}>
          {NAMES[name]}…<span class="hidden"> {clip(visible(props.alert.message))}</span>
        </button>
      ))}
    </div>
  );
}
