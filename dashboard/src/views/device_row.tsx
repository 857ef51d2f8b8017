/* A device in the list: at a glance, and opened with each field, its last day and the way into its history. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Device, DeviceField, Habit } from "../house/device_list";
import type { House } from "../house/house";
import { askLastDays, type LastDay } from "../house/last_day";
import { seriesQuery } from "../house/series";
import { Sparkline } from "./chart";
import { anyValue, clip, duration, time, visible } from "./format";
import { Ago, Clip, State } from "./parts";
import { fragmentOf, route } from "./route";

const HABITS: Record<Habit, { state: string; words: string }> = {
  usual: { state: "online", words: "as usual" },
  silent: { state: "stale", words: "silent" },
  unknown: { state: "unknown", words: "no habit yet" },
};
const AT_A_GLANCE = 3;
const MOST_FIELDS = 100;

function Line({ field, day }: { field: DeviceField; day: LastDay | undefined }) {
  if (typeof field.value !== "number") return <>–</>;
  if (!day) return <span class="plain">asking…</span>;
  if ("error" in day) return <span class="problem">{day.error}</span>;
  return <Sparkline points={day.points} label={`${clip(visible(field.series.field), 60)}, last 24 h`} />;
}

function useLastDays(house: House, fields: readonly DeviceField[]): ReadonlyMap<string, LastDay> {
  const days = useSignal<ReadonlyMap<string, LastDay>>(new Map());
  const numbers = fields.filter(({ value }) => typeof value === "number");
  const key = numbers.map(fieldKey).join("\n\n");
  useEffect(() => {
    let isWanted = true;
    const tell = (index: number, day: LastDay) => (days.value = new Map(days.value).set(fieldKey(numbers[index]!), day));
    void askLastDays(
      house.asker,
      numbers.map(({ series }) => series),
      tell,
      () => isWanted,
    );
    return () => void (isWanted = false);
  }, [key]);
  return days.value;
}

const fieldKey = ({ series }: DeviceField) => `${series.measurement}\n${series.field}`;

function FieldRow({ field, day }: { field: DeviceField; day: LastDay | undefined }) {
  return (
    <tr>
      <th scope="row">
        <a href={fragmentOf({ view: "history", query: seriesQuery(field.series), kiosk: route.value.kiosk })}>
          <Clip text={field.series.field} most={60} />
        </a>
      </th>
      <td class="figure">{anyValue(field.value)}</td>
      <td>
        <Line field={field} day={day} />
      </td>
    </tr>
  );
}

function Fields({ house, device }: { house: House; device: Device }) {
  const fields = device.fields.slice(0, MOST_FIELDS);
  const days = useLastDays(house, fields);
  return (
    <div>
      <p class="plain">
        Last heard of {time(device.lastSeenMs)}
        {device.pauseS !== null && `; its longest pause: ${duration(device.pauseS)}`}.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col" class="figure">
              Last
            </th>
            <th scope="col">24 h</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <FieldRow key={fieldKey(field)} field={field} day={days.get(fieldKey(field))} />
          ))}
        </tbody>
      </table>
      {device.fields.length > MOST_FIELDS && (
        <p class="plain">{device.fields.length - MOST_FIELDS} further fields are not listed.</p>
      )}
    </div>
  );
}

function glance(fields: readonly DeviceField[]): string {
  const first = fields.slice(0, AT_A_GLANCE).map(({ series, value }) => `${clip(visible(series.field), 40)} ${anyValue(value)}`);
  const rest = fields.length - first.length;
  return [...first, ...(rest > 0 ? [`+${rest}`] : [])].join(" · ") || "no values";
}

export function DeviceRow({ house, device }: { house: House; device: Device }) {
  const isOpen = useSignal(false);
  const habit = HABITS[device.habit];
  return (
    <li class="device">
      <details onToggle={(e) => (isOpen.value = e.currentTarget.open)}>
        <summary>
          <b>
            <Clip text={device.name} />
          </b>
          <bdi class="values">{glance(device.fields)}</bdi>
          <State state={habit.state} words={habit.words} />
          <span class="seen">
            <Ago at={device.lastSeenMs} />
          </span>
        </summary>
        {isOpen.value && <Fields house={house} device={device} />}
      </details>
    </li>
  );
}
