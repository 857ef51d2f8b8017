/* One list of devices from two answers: who was heard when (`devices`), and with which values (`devices/latest`). */
import type { Seen } from "../messages/devices";
import type { Latest } from "../messages/history";
import type { Series } from "./series";

export type Habit = "usual" | "silent" | "unknown"; /* unknown: too few pauses were seen to judge */

export interface DeviceField {
  series: Series;
  value: unknown;
}

export interface Device {
  key: string;
  name: string;
  lastSeenMs: number;
  habit: Habit;
  pauseS: number | null; /* its longest so far */
  fields: DeviceField[];
  words: string; /* what is searched in, in small letters */
}

export type Order = "name" | "seen" | "silent";

export interface Wanted {
  text: string;
  silentOnly: boolean;
  order: Order;
}

const keyOf = ({ tag, device }: { tag: string; device: string }) => `${tag}\n${device}`;

function grouped<T extends { tag: string; device: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/* A device that writes to several measurements is silent when it is in all (docs/alerts.md). */
function habitOf(seen: readonly Seen[]): Habit {
  if (seen.some(({ stale }) => stale === false)) return "usual";
  return seen.length > 0 && seen.every(({ stale }) => stale === true) ? "silent" : "unknown";
}

function fieldsOf(latest: readonly Latest[]): DeviceField[] {
  return latest.flatMap(({ measurement, tag, device, values }) =>
    Object.entries(values).map(([field, value]) => ({ series: { measurement, field, tags: { [tag]: device } }, value })),
  );
}

function deviceOf(key: string, seen: readonly Seen[], latest: readonly Latest[]): Device {
  const all: readonly { device: string; measurement: string; last_seen: string }[] = [...seen, ...latest];
  const fields = fieldsOf(latest);
  const pauses = seen.map((s) => s.longest_interval_s).filter((s) => typeof s === "number");
  const name = all[0]!.device;
  return {
    key,
    name,
    lastSeenMs: Math.max(...all.map((one) => Date.parse(one.last_seen))),
    habit: habitOf(seen),
    pauseS: pauses.length > 0 ? Math.min(...pauses) : null,
    fields,
    words: [name, ...new Set(all.map((one) => one.measurement)), ...fields.map(({ series }) => series.field)]
      .join(" ")
      .toLowerCase(),
  };
}

export function merge(seen: readonly Seen[], latest: readonly Latest[]): Device[] {
  const [habits, values] = [grouped(seen), grouped(latest)];
  const keys = [...new Set([...habits.keys(), ...values.keys()])];
  return keys.map((key) => deviceOf(key, habits.get(key) ?? [], values.get(key) ?? []));
}

const RANKS: Record<Habit, number> = { silent: 0, usual: 1, unknown: 1 };
const byName = new Intl.Collator(undefined, { numeric: true });
const ORDERS: Record<Order, (a: Device, b: Device) => number> = {
  name: () => 0,
  seen: (a, b) => b.lastSeenMs - a.lastSeenMs,
  silent: (a, b) => RANKS[a.habit] - RANKS[b.habit],
};

export const ORDER_NAMES = Object.keys(ORDERS) as Order[];

/* Equal ones by name, so that nothing jumps about when the figures come anew. */
export function sorted(devices: readonly Device[], order: Order): Device[] {
  return [...devices].sort((a, b) => ORDERS[order](a, b) || byName.compare(a.name, b.name));
}

/* All words must be there, in any order. */
export function found(devices: readonly Device[], { text, silentOnly }: Wanted): Device[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return devices.filter((d) => (!silentOnly || d.habit === "silent") && words.every((word) => d.words.includes(word)));
}
