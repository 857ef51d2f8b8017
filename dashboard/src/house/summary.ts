/* The house in one sentence: what a person wants to know first. */
import type { Alert } from "../messages/messages";
import type { Flow } from "./flow";
import type { Service } from "./services";

export interface Summary {
  level: "good" | "warn" | "bad";
  words: string;
  waiting: string; /* how much waits, which changes all the time and is therefore no part of the words */
}

function waitingOf(writer: Service | undefined): string {
  const pending = writer?.live?.pending ?? writer?.metrics?.pending ?? 0;
  return pending > 0 ? `${pending.toLocaleString()} messages wait in the journal.` : "";
}

/* The first that holds is said; the worst come first. */
export function summaryOf(flow: Flow, writer: Service | undefined, alerts: readonly Alert[]): Summary {
  const { broker, writer: store, influxdb, query } = flow.nodes;
  const firing = alerts.filter((alert) => alert.state === "firing");
  const errors = firing.filter((alert) => alert.level === "error");
  const held = writer?.status?.state === "holding";
  const table: [boolean, Summary["level"], string][] = [
    [broker.state !== "online", "bad", "The broker is away: nothing here is fresh."],
    [store.state === "offline", "bad", "The writer is off: the broker keeps what comes, until its queue is full."],
    [store.state === "unknown", "bad", "The writer was not heard of: nothing says that anything is stored."],
    [store.state === "stale", "bad", "The writer says nothing any more."],
    [held, "bad", `The writer takes nothing: ${writer?.status?.reason ?? "it holds"}.`],
    [influxdb.state === "offline", "warn", "InfluxDB is away; nothing is lost."],
    [influxdb.state === "degraded", "bad", `InfluxDB refuses what it is sent: ${influxdb.words || "see the writer's log"}.`],
    [errors.length > 0, "bad", errors[0]?.message ?? ""],
    [query.state === "offline", "warn", "All is stored; the query service is off, so there are no answers and no alerts."],
    [firing.length > 0, "warn", firing[0]?.message ?? ""],
    [query.state !== "online", "warn", "All is stored; the query service is not well."],
  ];
  const found = table.find(([holds]) => holds);
  const waiting = influxdb.state === "offline" || influxdb.state === "degraded" ? waitingOf(writer) : "";
  return found
    ? { level: found[1], words: found[2], waiting }
    : { level: "good", words: "All is well: what comes is stored.", waiting: "" };
}
