/* What the query service was told to keep quiet about, and until when. */
import { useSignal } from "@preact/signals";
import { wordsOf } from "../bus/ask";
import { endSilence } from "../house/acts";
import { nowMs } from "../house/clock";
import type { House } from "../house/house";
import type { Silence } from "../messages/messages";
import { time } from "./format";
import { Clip, Section } from "./parts";
import { route } from "./route";

function matched({ service, rule, subject }: Silence): string {
  const parts = Object.entries({ service, rule, subject }).filter(([, text]) => text);
  return parts.map(([name, text]) => `${name} ${text}`).join(", ") || "all alerts";
}

function Row({ silence, onEnd }: { silence: Silence; onEnd(): void }) {
  return (
    <tr>
      <th scope="row">
        <Clip text={matched(silence)} />
      </th>
      <td>{time(silence.until)}</td>
      <td>
        <Clip text={[silence.by, silence.why].filter(Boolean).join(": ") || "–"} />
      </td>
      {!route.value.kiosk && (
        <td>
          <button type="button" onClick={onEnd}>
            End<span class="hidden"> the silence of {matched(silence).slice(0, 200)}</span>
          </button>
        </td>
      )}
    </tr>
  );
}

export function Silences({ house, said }: { house: House; said(words: string): void }) {
  const error = useSignal("");
  const silences = house.alerts.silences.value.filter(({ until }) => Date.parse(until) > nowMs.value);
  if (silences.length === 0) return null;
  const end = async (silence: Silence) => {
    try {
      await endSilence(house.asker, silence);
      error.value = "";
      said(`No longer silenced: ${matched(silence).slice(0, 200)}`);
    } catch (e) {
      error.value = wordsOf(e);
    }
  };
  return (
    <Section title="Silenced">
      {error.value && (
        <p class="problem" role="alert">
          {error.value}.
        </p>
      )}
      <div class="wide" tabIndex={0} role="region" aria-label="Silences">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Until</th>
              <th scope="col">By whom and why</th>
              {!route.value.kiosk && <th scope="col">Change</th>}
            </tr>
          </thead>
          <tbody>
            {silences.map((silence) => (
              <Row key={matched(silence)} silence={silence} onEnd={() => void end(silence)} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
