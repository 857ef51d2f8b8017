/* The alerts as they stand, each from its own retained topic (docs/alerts.md). */
import { signal } from "@preact/signals";
import type { Connection, Message } from "../bus/connection";
import { ALERT, SILENCE, type Alert, type Silence } from "../messages/messages";
import { check, checkList } from "../messages/check";
import { decodePayload } from "../messages/payload";
import type { BadItems } from "./bad";
import type { Pulse } from "./pulse";

const KEPT = 4096; /* as many as the query service keeps */
const ORDER: Record<string, number> = { firing: 0, acknowledged: 1, resolved: 2, error: 0, warning: 1, info: 2 };

export function alertKey(alert: Alert): string {
  return [alert.service, alert.rule, alert.subject].join("\n");
}

/* The worst first, then the newest change. */
function worse(a: Alert, b: Alert): number {
  return (
    ORDER[a.state]! - ORDER[b.state]! || ORDER[a.level]! - ORDER[b.level]! || Date.parse(b.timestamp) - Date.parse(a.timestamp)
  );
}

export class Alerts {
  readonly list = signal<readonly Alert[]>([]);
  readonly silences = signal<readonly Silence[]>([]); /* the first to end first */
  private readonly byTopic = new Map<string, { alert: Alert; session: number }>();
  private readonly listeners: ((alert: Alert) => void)[] = [];

  constructor(
    private readonly connection: Connection,
    root: string,
    private readonly pulse: Pulse,
    private readonly bad: BadItems,
  ) {
    connection.subscribe(`${root}/alerts/+/+/+`, (message) => this.stands(message));
    connection.subscribe(`${root}/alerts/event`, (message) => {
      const alert = this.read(message);
      if (alert) for (const listener of this.listeners) listener(alert);
    });
    connection.subscribe(`${root}/alerts/silenced`, (message) => this.silenced(message));
    connection.onSettled(() => this.forgetGone());
  }

  /* An alert that went while we were away is no more retained: nobody tells of it. */
  private forgetGone(): void {
    for (const [topic, { session }] of this.byTopic) if (session !== this.connection.session) this.byTopic.delete(topic);
    this.pulse.soon(this.tell);
  }

  /* Each change, once, while the page is there: what a notification is made of. */
  onChange(listener: (alert: Alert) => void): void {
    this.listeners.push(listener);
  }

  private read(message: Message): Alert | null {
    const decoded = decodePayload(message.payload, message.properties.content_type);
    const checked = decoded.ok ? check(ALERT, decoded.value) : decoded;
    if (!checked.ok) this.bad.note(message.topic, checked.words);
    return checked.ok ? checked.value : null;
  }

  private stands(message: Message): void {
    if (message.payload.length === 0) this.byTopic.delete(message.topic);
    else {
      const alert = this.read(message);
      if (!alert) return;
      if (this.byTopic.size >= KEPT && !this.byTopic.has(message.topic)) this.bad.note(message.topic, `more than ${KEPT} alerts`);
      else this.byTopic.set(message.topic, { alert, session: this.connection.session });
    }
    this.pulse.soon(this.tell);
  }

  private silenced(message: Message): void {
    const decoded = decodePayload(message.payload, message.properties.content_type);
    const list = decoded.ok ? (decoded.value as { silences?: unknown } | null)?.silences : undefined;
    const { items, bad } = checkList(SILENCE, list ?? null);
    if (bad > 0 && message.payload.length > 0) this.bad.note(message.topic, decoded.ok ? `${bad} silences cannot be read` : decoded.words);
    this.silences.value = items.sort((a, b) => Date.parse(a.until) - Date.parse(b.until));
  }

  private readonly tell = () => (this.list.value = [...this.byTopic.values()].map(({ alert }) => alert).sort(worse));
}
