/* What is wrong, who knows of it, and what was wrong lately. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { alertKey } from "../house/alerts";
import { nowMs } from "../house/clock";
import type { House } from "../house/house";
import { serviceState } from "../house/services";
import type { Alert } from "../messages/messages";
import { AlertActs } from "./alert_acts";
import { number } from "./format";
import { LongList } from "./long_list";
import { NotifyMe } from "./notify_me";
import { Ago, Clip, Section, State } from "./parts";
import { route } from "./route";
import { Silences } from "./silences";
import "./alerts.css";

const GROUPS: Record<Alert["state"], string> = { firing: "Firing", acknowledged: "Acknowledged", resolved: "Resolved lately" };

type Said = (words: string) => void;

function Fact({ name, text }: { name: string; text: string | undefined }) {
  return text ? (
    <div>
      <dt>{name}</dt>
      <dd>
        <Clip text={text} />
      </dd>
    </div>
  ) : null;
}

function measured({ value, threshold }: Alert): string | undefined {
  if (value === null || value === undefined) return undefined;
  return threshold === null || threshold === undefined ? number(value) : `${number(value)} (limit ${number(threshold)})`;
}

function Card({ house, alert, said }: { house: House; alert: Alert; said: Said }) {
  const isOver = alert.state === "resolved";
  return (
    <li class={`alert alert-${alert.state} alert-${alert.level}`}>
      <p class="heading">
        <State state={alert.state} />
        {!isOver && <State state={alert.level} />}
        {alert.silenced && <span>silenced</span>}
        <strong>
          <Clip text={alert.message} most={400} />
        </strong>
      </p>
      <dl class="facts">
        <Fact name="Subject" text={alert.subject} />
        <Fact name="Rule" text={alert.rule} />
        <Fact name="Service" text={alert.service} />
        {!isOver && alert.since && (
          <div>
            <dt>Since</dt>
            <dd>
              <Ago at={alert.since} />
            </dd>
          </div>
        )}
        <div>
          <dt>{isOver ? "Over since" : "Said"}</dt>
          <dd>
            <Ago at={alert.timestamp} />
          </dd>
        </div>
        <Fact name="Value" text={measured(alert)} />
        <Fact name="By" text={alert.by} />
        <Fact name="Why" text={alert.why} />
      </dl>
      {!isOver && !route.value.kiosk && <AlertActs house={house} alert={alert} onDone={said} />}
    </li>
  );
}

function Group({ house, state, said }: { house: House; state: Alert["state"]; said: Said }) {
  const alerts = house.alerts.list.value.filter((alert) => alert.state === state);
  if (alerts.length === 0) return null;
  return (
    <>
      <h3>
        {GROUPS[state]} ({alerts.length})
      </h3>
      <LongList
        items={alerts}
        of={state}
        label={GROUPS[state]}
        row={(alert) => <Card key={alertKey(alert)} house={house} alert={alert} said={said} />}
      />
    </>
  );
}

/* No alert is good news only while somebody looks. */
function Nothing({ house }: { house: House }) {
  const query = house.services.byName.value.get("query");
  const isConnected = house.connection.state.value.phase === "online";
  const state = query && isConnected ? serviceState(query, nowMs.value) : "unknown";
  const isWatched = state === "online" || state === "degraded";
  const fires = house.alerts.list.value.some((alert) => alert.state !== "resolved");
  if (!isWatched) return <p class="problem">Nobody looks whether something is wrong: the query service is {state}.</p>;
  return fires ? null : <p class="plain">Nothing is wrong now.</p>;
}

export function Alerts({ house }: { house: House }) {
  const became = useSignal("");
  const line = useRef<HTMLParagraphElement>(null);
  /* The focus goes where the words are: the button that had it is gone. */
  const said = (words: string) => {
    became.value = words;
    requestAnimationFrame(() => line.current?.focus());
  };
  return (
    <>
      <Section title="What is wrong" id="alerts">
        <div class="alerts">
          {!route.value.kiosk && <NotifyMe />}
          <p class="became" role="status" tabIndex={-1} ref={line}>
            {became.value}
          </p>
          <Nothing house={house} />
          {(Object.keys(GROUPS) as Alert["state"][]).map((state) => (
            <Group key={state} house={house} state={state} said={said} />
          ))}
        </div>
      </Section>
      <Silences house={house} said={said} />
    </>
  );
}
