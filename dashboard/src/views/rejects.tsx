/* What could not be stored, and why; and what the page itself could not read. */
import { useSignal } from "@preact/signals";
import { wordsOf } from "../bus/ask";
import type { House } from "../house/house";
import { rejectKey } from "../house/rejects";
import type { Rejected } from "../messages/messages";
import { clip, number, visible } from "./format";
import { LongList } from "./long_list";
import { Ago, Answered, Clip, Section } from "./parts";
import { RejectRow } from "./reject_row";
import { go, route } from "./route";
import { useWhileSeen } from "./while_seen";
import "./rejects.css";

function counted(rejects: readonly Rejected[]): [reason: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { reason } of rejects) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function Reasons({ all, reason }: { all: readonly Rejected[]; reason: string }) {
  const counts = counted(all);
  const isGone = reason !== "" && !counts.some(([name]) => name === reason);
  return (
    <div class="choices">
      <label>
        Reason
        <select
          value={reason}
          onChange={(e) => go("rejects", e.currentTarget.value ? { reason: e.currentTarget.value } : {}, true)}
        >
          <option value="">all ({all.length})</option>
          {isGone && <option value={reason}>{clip(visible(reason), 60)} (0)</option>}
          {counts.map(([name, count]) => (
            <option value={name}>
              {clip(visible(name), 60)} ({count})
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function BadItems({ house }: { house: House }) {
  const bad = house.bad.list.value;
  if (bad.length === 0) return null;
  return (
    <Section title="What this page could not read" id="bad">
      <p class="plain">Messages and answers that are not what their topic says. Nothing of them is shown elsewhere.</p>
      <div class="wide" tabIndex={0} role="region" aria-label="Bad messages">
        <table>
          <thead>
            <tr>
              <th scope="col">Topic</th>
              <th scope="col">What is wrong</th>
              <th scope="col" class="figure">
                Times
              </th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {bad.map((item) => (
              <tr key={item.topic}>
                <th scope="row">
                  <Clip text={item.topic} most={80} />
                </th>
                <td>
                  <Clip text={item.words} most={200} />
                </td>
                <td class="figure">{number(item.times)}</td>
                <td>
                  <Ago at={item.atMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

export function Rejects({ house }: { house: House }) {
  const error = useSignal("");
  const isAsked = useSignal(false);
  useWhileSeen(house, async () => {
    error.value = await house.rejects.fetch(house.asker).then(() => "", wordsOf);
    isAsked.value = true;
  });
  const all = house.rejects.list.value;
  const reason = route.value.query.get("reason") ?? "";
  const shown = reason ? all.filter((rejected) => rejected.reason === reason) : all;
  const total = house.services.byName.value.get("writer")?.metrics?.rejected;
  return (
    <>
      <Section title="What could not be stored" id="rejects">
        {!route.value.kiosk && <Reasons all={all} reason={reason} />}
        {total !== undefined && (
          <p class="plain">
            Since the journal began: {number(total)}. The latest are listed here, all of them by “hearthline rejects list”.
          </p>
        )}
        <Answered
          loading={!isAsked.value}
          error={error.value && `What came before is not known: ${error.value}.`}
          empty={shown.length === 0}
          nothing="Nothing was rejected lately."
        >
          <LongList
            items={shown}
            of={reason}
            label="Rejected messages"
            row={(rejected) => <RejectRow key={rejectKey(rejected)} rejected={rejected} />}
          />
        </Answered>
      </Section>
      <BadItems house={house} />
    </>
  );
}
