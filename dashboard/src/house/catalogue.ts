/* The series that there are, for a person to choose from: each field of each device's last values. */
import { signal } from "@preact/signals";
import { wordsOf, type Asker } from "../bus/ask";
import { checkList } from "../messages/check";
import { LATEST, type Latest } from "../messages/history";
import type { BadItems } from "./bad";
import type { Series } from "./series";

export interface Choice {
  device: string;
  series: Series;
  last: unknown;
  key: string; /* what is searched in, in small letters */
}

const DEVICES_MAX = 2000;

export function choicesOf(devices: readonly Latest[]): Choice[] {
  return devices.flatMap(({ device, measurement, tag, values }) =>
    Object.entries(values).map(([field, last]) => ({
      device,
      series: { measurement, field, tags: { [tag]: device } },
      last,
      key: `${device} ${field} ${measurement}`.toLowerCase(),
    })),
  );
}

/* All words must be there, in any order. Where a name begins with the first word it comes first. */
export function search(choices: readonly Choice[], text: string): Choice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = choices.filter(({ key }) => words.every((word) => key.includes(word)));
  const first = words[0];
  if (!first) return found;
  return [...found.filter(({ key }) => key.startsWith(first)), ...found.filter(({ key }) => !key.startsWith(first))];
}

/* What counts energy, by the names that people give it. */
export function energyOf(choices: readonly Choice[]): Choice[] {
  return choices.filter(({ last, series }) => typeof last === "number" && /kwh|_wh$|^energy$|energy_/i.test(series.field));
}

export class Catalogue {
  readonly choices = signal<readonly Choice[]>([]);
  readonly loading = signal(false);
  readonly error = signal("");
  readonly truncated = signal(false);

  constructor(
    private readonly asker: Asker,
    private readonly bad: BadItems,
  ) {}

  async load(): Promise<void> {
    this.loading.value = true;
    try {
      const answer = await this.asker.ask("devices/latest", { limit: DEVICES_MAX });
      const { items, bad } = checkList(LATEST, answer["devices"]);
      if (bad > 0) this.bad.note("devices/latest", `${bad} of the answer cannot be read`);
      this.choices.value = choicesOf(items);
      this.truncated.value = answer["truncated"] === true;
      this.error.value = "";
    } catch (error) {
      this.error.value = wordsOf(error);
    } finally {
      this.loading.value = false;
    }
  }
}
