/* Alerts as notifications of the browser or phone, for a person who wants them. */
import type { Alert } from "../messages/messages";
import { alertKey, type Alerts } from "./alerts";

export interface Notice {
  title: string;
  body: string;
  tag: string; /* several tabs say the same: the browser shows one of each tag */
  silent: boolean;
}

const MOST = 200;
const cut = (text: string) => (text.length > MOST ? `${text.slice(0, MOST)}…` : text);

/* null: nothing to disturb anybody with. That it is over takes the place of what was said, without a sound. */
export function noticeOf(alert: Alert): Notice | null {
  if (alert.silenced || alert.state === "acknowledged") return null;
  const isOver = alert.state === "resolved";
  return {
    title: isOver ? "Over" : alert.level === "error" ? "Error in the house" : "Warning from the house",
    body: cut([alert.message, alert.subject].filter(Boolean).join(" – ")),
    tag: `hearthline ${alertKey(alert)}`,
    silent: isOver,
  };
}

/* Browsers give notifications only to pages that came over TLS or from this machine. */
export function canNotify(): boolean {
  return globalThis.isSecureContext && "Notification" in globalThis;
}

/* Whether the person allows it; asks, when that is open. */
export async function mayNotify(): Promise<boolean> {
  if (!canNotify()) return false;
  return (await Notification.requestPermission()) === "granted";
}

export function sayNotices(alerts: Alerts, wanted: () => boolean): void {
  alerts.onChange((alert) => {
    const notice = noticeOf(alert);
    if (!notice || !wanted() || !canNotify() || Notification.permission !== "granted") return;
    const { title, ...options } = notice;
    try {
      new Notification(title, options).onclick = () => globalThis.focus();
    } catch {
      /* Chrome on Android gives them to service workers only: the page itself says it too. */
    }
  });
}
