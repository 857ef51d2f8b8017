/* What came and was not what its topic says: shown as bad, never believed, never thrown. */
import { signal } from "@preact/signals";
import type { Pulse } from "./pulse";

export interface Bad {
  topic: string;
  words: string;
  atMs: number;
  times: number;
}

const KEPT = 50;

export class BadItems {
  readonly list = signal<readonly Bad[]>([]);
  private readonly byTopic = new Map<string, Bad>();

  constructor(private readonly pulse: Pulse) {}

  note(topic: string, words: string): void {
    const times = (this.byTopic.get(topic)?.times ?? 0) + 1;
    this.byTopic.delete(topic); /* the newest last */
    this.byTopic.set(topic, { topic, words, atMs: Date.now(), times });
    if (this.byTopic.size > KEPT) this.byTopic.delete(this.byTopic.keys().next().value!);
    this.pulse.soon(this.tell);
  }

  private readonly tell = () => (this.list.value = [...this.byTopic.values()].reverse());
}
