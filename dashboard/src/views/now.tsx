/* What is now: the writer's figures and a row for each service, as they tell them on the bus. Nothing is asked. */
import { nowMs } from "../house/clock";
import type { House } from "../house/house";
import { ledgerDifference } from "../house/ledger";
import { serviceState, type Service } from "../house/services";
import { bytes, duration, milliseconds, number, percent } from "./format";
import { Ago, Clip, Section, State } from "./parts";
import "./now.css";

interface Tile {
  name: string;
  value: string;
  note: string;
  bad: boolean;
}

function errorRate(writer: Service | undefined): Tile {
  const { write_attempts: attempts, write_errors: errors } = writer?.metrics ?? {};
  const rate = attempts ? (100 * (errors ?? 0)) / attempts : null;
  const note = attempts === 0 ? "nothing was written in the last interval" : "of the last interval's writes";
  return { name: "Error rate", value: percent(rate), note, bad: (rate ?? 0) > 2 };
}

function journal(writer: Service | undefined): Tile[] {
  const from = writer?.live?.journal_bytes !== undefined ? writer.live : writer?.metrics;
  const oldest = from?.journal_oldest_s;
  const pending = from?.pending;
  return [
    { name: "Journal lag", value: duration(oldest), note: pending === undefined ? "" : `${number(pending)} messages wait`, bad: (oldest ?? 0) > 300 },
    { name: "Journal size", value: bytes(from?.journal_bytes), note: `undelivered, of ${bytes(from?.journal_max_bytes)}`, bad: false },
  ];
}

function ledger(writer: Service | undefined): Tile {
  const difference = ledgerDifference(writer?.metrics);
  const balances = difference !== null && difference.messages === 0 && difference.points === 0;
  return {
    name: "Ledger",
    value: difference === null ? "–" : balances ? "balances" : "does not balance",
    note: difference === null ? "" : balances ? "every message is accounted for" : `${difference.messages} messages, ${difference.points} points missing`,
    bad: difference !== null && !balances,
  };
}

function tilesOf(writer: Service | undefined, now: number): Tile[] {
  const latency = writer?.metrics?.write_latency_mean_ms;
  const slowest = writer?.metrics?.write_latency_max_ms;
  return [
    { name: "Events per minute", value: number(writer?.rates.events_total.perMinute(now)), note: "of the last half minute", bad: false },
    { name: "Events in all", value: number(writer?.live?.events_total ?? writer?.metrics?.received), note: "since the journal began", bad: false },
    errorRate(writer),
    ...journal(writer),
    { name: "Write latency", value: milliseconds(latency), note: `slowest ${milliseconds(slowest)}`, bad: false },
    ledger(writer),
  ];
}

/* Without the broker nothing is known of a service, whatever was heard before. */
function Row({ service, known }: { service: Service; known: boolean }) {
  const { metrics } = service;
  return (
    <tr>
      <th scope="row"><Clip text={service.name} most={40} /></th>
      <td><State state={known ? serviceState(service, nowMs.value) : "unknown"} /></td>
      <td class="figure">{number(metrics?.events_processed)}</td>
      <td class="figure">{percent(metrics?.success_rate)}</td>
      <td class="figure">{milliseconds(metrics?.processing_time_ms)}</td>
      <td>{service.heardMs > 0 ? <Ago at={service.heardMs} /> : "–"}</td>
    </tr>
  );
}

export function Now({ house }: { house: House }) {
  const services = [...house.services.byName.value.values()];
  const writer = house.services.byName.value.get("writer");
  const now = nowMs.value;
  const known = house.connection.state.value.phase === "online";
  const old = !known || !writer || serviceState(writer, now) === "stale" || serviceState(writer, now) === "offline";
  return (
    <Section title="Now">
      {old && writer && writer.heardMs > 0 && <p class="problem">These figures are old: the newest is <Ago at={writer.heardMs} />.</p>}
      <dl class={`tiles${old ? " old" : ""}`}>
        {tilesOf(writer, now).map((tile) => (
          <div class={`tile${tile.bad ? " tile-bad" : ""}`}><dt>{tile.name}</dt><dd>{tile.value}<span class="note">{tile.note}</span></dd></div>
        ))}
      </dl>
      <div class="wide" tabIndex={0} role="region" aria-label="Services">
        <table>
          <thead><tr><th scope="col">Service</th><th scope="col">State</th><th scope="col" class="figure">Processed in 10 s</th><th scope="col" class="figure">Success</th><th scope="col" class="figure">Processing</th><th scope="col">Last seen</th></tr></thead>
          <tbody>{services.map((service) => <Row key={service.name} service={service} known={known} />)}</tbody>
        </table>
      </div>
    </Section>
  );
}
