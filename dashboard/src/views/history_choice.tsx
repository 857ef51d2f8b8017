/* The choice of a series: a field to search in, with a list of what is found (the ARIA pattern "combobox"). */
import { useSignal } from "@preact/signals";
import { search, type Choice } from "../house/catalogue";
import type { Series } from "../house/series";
import { clip, number } from "./format";
import { Clip } from "./parts";

const MOST = 60; /* in the list at a time */

export function seriesLabel({ measurement, field, tags }: Series): string {
  const of = Object.values(tags).join(", ");
  return clip(`${field} of ${of || measurement}`, 200);
}

export function lastText(value: unknown): string {
  return typeof value === "number" ? number(value) : clip(String(value ?? "–"), 40);
}

interface Props {
  choices: readonly Choice[];
  series: Series | null;
  truncated: boolean;
  onChoose(series: Series): void;
}

function Options({
  found,
  active,
  total,
  truncated,
  onChoose,
}: {
  found: Choice[];
  active: number;
  total: number;
  truncated: boolean;
  onChoose(c: Choice): void;
}) {
  return (
    <div class="options">
      <ul role="listbox" id="series-options" aria-label="Series">
        {found.map((choice, i) => (
          <li
            role="option"
            id={`series-option-${i}`}
            aria-selected={i === active}
            onMouseDown={(e) => e.preventDefault()}
            onClick={() => onChoose(choice)}
          >
            <Clip text={choice.device} most={60} />{" "}
            <b>
              <Clip text={choice.series.field} most={60} />
            </b>{" "}
            <span class="plain">
              <Clip text={lastText(choice.last)} most={40} /> · <Clip text={choice.series.measurement} most={40} />
            </span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="plain">Nothing of that name.</p>}
      {(total > found.length || truncated) && (
        <p class="plain">
          {total} found{truncated ? ", not all of them listed" : ""}: more words find fewer.
        </p>
      )}
    </div>
  );
}

/* The list as it stands: open while there is a text to search for. */
function useOptions({ choices, onChoose }: Props) {
  const text = useSignal<string | null>(null);
  const active = useSignal(0);
  const isOpen = text.value !== null;
  const all = isOpen ? search(choices, text.value!) : [];
  const found = all.slice(0, MOST);
  const open = (words: string) => {
    text.value = words;
    active.value = 0;
  };
  const close = () => (text.value = null);
  const choose = (choice: Choice | undefined) => {
    if (!choice) return;
    close();
    onChoose(choice.series);
  };
  const step = (by: number) => {
    if (!isOpen) return open("");
    active.value = Math.max(0, Math.min(found.length - 1, active.value + by));
    document.getElementById(`series-option-${active.value}`)?.scrollIntoView({ block: "nearest" });
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(10),
    PageUp: () => step(-10),
    Enter: () => (isOpen ? choose(found[active.value]) : open("")),
    Escape: close,
  };
  return { text: text.value, active: active.value, isOpen, found, total: all.length, open, close, choose, keys };
}

export function SeriesChoice(props: Props) {
  const { text, active, isOpen, found, total, open, close, choose, keys } = useOptions(props);
  const key = (event: KeyboardEvent) => {
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  return (
    <div class="choice">
      <label for="series-search">Series</label>
      <input
        id="series-search"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-expanded={isOpen}
        aria-controls="series-options"
        aria-autocomplete="list"
        aria-activedescendant={isOpen && found.length > 0 ? `series-option-${active}` : undefined}
        placeholder="Search device, entity, field"
        value={text ?? (props.series ? seriesLabel(props.series) : "")}
        onFocus={(e) => e.currentTarget.select()}
        onClick={() => !isOpen && open("")}
        onInput={(e) => open(e.currentTarget.value)}
        onBlur={close}
        onKeyDown={key}
      />
      {isOpen && <Options found={found} active={active} total={total} truncated={props.truncated} onChoose={choose} />}
    </div>
  );
}
