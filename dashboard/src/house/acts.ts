/* What a person does about alerts: acknowledge, silence, end a silence. Each throws an AskError. */
import type { Asker } from "../bus/ask";
import type { Alert, Silence } from "../messages/messages";

export interface Person {
  by: string;
  why: string;
}

/* As the request's schema has them; more is not sent. */
const MOST_BYTES = { by: 63, why: 255 };

function cutToBytes(text: string, most: number): string {
  let cut = text.trim();
  while (new TextEncoder().encode(cut).length > most) cut = [...cut].slice(0, -1).join("");
  return cut;
}

/* What is empty is left out: to the query service it would be a name of nobody. */
function said({ by, why }: Person): { by?: string; why?: string } {
  const texts = { by: cutToBytes(by, MOST_BYTES.by), why: cutToBytes(why, MOST_BYTES.why) };
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}

type Matched = Pick<Silence, "service" | "rule" | "subject">;

/* A subject that is empty is left out, which matches all: the rule has but one then. */
function matchOf({ service, rule, subject }: Matched): Matched {
  return Object.fromEntries(Object.entries({ service, rule, subject }).filter(([, text]) => text));
}

export async function acknowledge(asker: Asker, alert: Alert, person: Person): Promise<void> {
  await asker.ask("alerts/acknowledge", { ...matchOf(alert), ...said(person) });
}

/* `span` is a time such as 8h. */
export async function silence(asker: Asker, alert: Alert, span: string, person: Person): Promise<void> {
  await asker.ask("alerts/silence", { match: matchOf(alert), for: span, ...said(person) });
}

export async function endSilence(asker: Asker, of: Silence): Promise<void> {
  await asker.ask("alerts/silence", { match: matchOf(of), remove: true });
}
