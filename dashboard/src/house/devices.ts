/* The devices as the query service knows them, asked for again and again while somebody looks. */
import { batch, signal } from "@preact/signals";
import { wordsOf, type Asker } from "../bus/ask";
import { checkList, type Table } from "../messages/check";
import { SEEN } from "../messages/devices";
import { LATEST } from "../messages/history";
import type { BadItems } from "./bad";
import { merge, type Device } from "./device_list";

const MOST = 2000; /* more are not listed, and that is said */

export class Devices {
  readonly list = signal<readonly Device[]>([]);
  readonly atMs = signal<number | null>(null); /* when the list was answered */
  readonly loading = signal(false);
  readonly error = signal("");
  readonly truncated = signal(false);

  constructor(
    private readonly asker: Asker,
    private readonly bad: BadItems,
  ) {}

  /* Never throws: what went wrong is in `error`, and the list stays as it was. */
  async load(): Promise<void> {
    if (this.loading.value) return;
    this.loading.value = true;
    try {
      const [seen, latest] = await Promise.all(
        ["devices", "devices/latest"].map((endpoint) => this.asker.ask(endpoint, { limit: MOST })),
      );
      batch(() => {
        this.list.value = merge(this.read("devices", SEEN, seen!), this.read("devices/latest", LATEST, latest!));
        this.truncated.value = seen!["truncated"] === true || latest!["truncated"] === true;
        this.atMs.value = Date.now();
        this.error.value = "";
      });
    } catch (error) {
      this.error.value = wordsOf(error);
    } finally {
      this.loading.value = false;
    }
  }

  private read<T>(endpoint: string, table: Table<T>, answer: Record<string, unknown>): T[] {
    const { items, bad } = checkList(table, answer["devices"]);
    if (bad > 0) this.bad.note(endpoint, `${bad} of the answer cannot be read`);
    return items;
  }
}
