/* The tags that a series must have: more of them where a device has several series in one field. */
import { useSignal } from "@preact/signals";
import type { Series } from "../house/series";
import { Clip } from "./parts";

export function Tags({
  series,
  mixed,
  onChange,
}: {
  series: Series;
  mixed: string;
  onChange(tags: Record<string, string>): void;
}) {
  const name = useSignal("");
  const value = useSignal("");
  const tags = Object.entries(series.tags);
  const add = (event: Event) => {
    event.preventDefault();
    if (!name.value.trim() || !value.value) return;
    onChange({ ...series.tags, [name.value.trim()]: value.value });
    name.value = value.value = "";
  };
  const without = (gone: string) => onChange(Object.fromEntries(tags.filter(([tag]) => tag !== gone)));
  return (
    <details class="tags" open={mixed !== "" || tags.length > 1}>
      <summary>Tags ({tags.length})</summary>
      {mixed && <p class="problem">More than one series is mixed here. {mixed}</p>}
      <ul>
        {tags.map(([tag, is]) => (
          <li>
            <Clip text={`${tag} = ${is}`} />{" "}
            <button type="button" onClick={() => without(tag)} aria-label={`Remove the tag ${tag}`}>
              ✕
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={add}>
        <label>
          Tag <input name="tag" size={12} value={name.value} onInput={(e) => (name.value = e.currentTarget.value)} />
        </label>
        <label>
          is <input name="value" size={12} value={value.value} onInput={(e) => (value.value = e.currentTarget.value)} />
        </label>
        <button type="submit">Add</button>
      </form>
    </details>
  );
}
