/* The latest rejected messages: those that come while the page is there, and, from the query service's memory,
 * those that came before. */
import { signal } from "@preact/signals";
import type { Connection, Message } from "../bus/connection";
import { REJECTED, type Rejected } from "../messages/messages";
import { check, checkList } from "../messages/check";
import { decodePayload } from "../messages/payload";
import type { Asker } from "../bus/ask";
import type { BadItems } from "./bad";
import type { Pulse } from "./pulse";

const KEPT = 200;

/* The same for one that is heard and one that is answered. */
export function rejectKey(rejected: Rejected): string {
  const { arrival_ns, time, element, topic, words, line } = rejected;
  return [arrival_ns ?? time, element, topic, words, line].join("\n");
}

export class Rejects {
  readonly list = signal<readonly Rejected[]>([]); /* the newest first */
  private kept: Rejected[] = [];

  constructor(
    connection: Connection,
    root: string,
    private readonly pulse: Pulse,
    private readonly bad: BadItems,
  ) {
    connection.subscribe(`${root}/rejected/+`, (message) => this.came(message));
  }

  /* Fetches what came before the page was there. Throws an AskError. */
  async fetch(asker: Asker): Promise<void> {
    const answer = await asker.ask("rejects", { limit: KEPT });
    const { items, bad } = checkList(REJECTED, answer["rejects"]);
    if (bad > 0) this.bad.note("rejects", `${bad} of the answer cannot be read`);
    const here = new Set(this.kept.map(rejectKey));
    const all = [...this.kept, ...items.filter((r) => !here.has(rejectKey(r)))];
    this.keep(all.sort((a, b) => Date.parse(b.time) - Date.parse(a.time)));
  }

  private came(message: Message): void {
    const decoded = decodePayload(message.payload, message.properties.content_type);
    const checked = decoded.ok ? check(REJECTED, decoded.value) : decoded;
    if (checked.ok) this.keep([checked.value, ...this.kept]);
    else this.bad.note(message.topic, checked.words);
  }

  private keep(rejects: Rejected[]): void {
    this.kept = rejects.slice(0, KEPT);
    this.pulse.soon(this.tell);
  }

  private readonly tell = () => (this.list.value = [...this.kept]);
}
