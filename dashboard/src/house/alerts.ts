/* The alerts as they stand, each from its own retained topic (docs/alerts.md). */
import { signal } from "@preact/signals";
import type { Connection, Message } from "../bus/connection";
import { ALERT, type Alert } from "../messages/messages";
import { check } from "../messages/check";
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

  private readonly tell = () => (this.list.value = [...this.byTopic.values()].map(({ alert }) => alert).sort(worse));
}
