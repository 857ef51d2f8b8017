/* A rejected message: why at a glance, opened with all that is known of it and its original. */
import { useSignal } from "@preact/signals";
import { originalOf } from "../house/original";
import type { Rejected } from "../messages/messages";
import { bytes, clip, number, time, visible } from "./format";
import { Ago, Clip } from "./parts";

const AT_A_GLANCE = 160;
const MOST_OF_WORDS = 2000;

function Text({ label, text, isDump }: { label: string; text: string; isDump?: boolean }) {
  return isDump ? (
    <pre class="bytes" tabIndex={0} role="region" aria-label={label}>
      {text}
    </pre>
  ) : (
    <pre>{visible(text)}</pre>
  );
}

function Original({ rejected }: { rejected: Rejected }) {
  const { kind, text, shown, whole } = originalOf(rejected);
  if (kind === "none") return null;
  const size = rejected.payload_bytes === undefined ? "" : ` (${bytes(rejected.payload_bytes)})`;
  const part = whole ? "" : `: the first ${number(shown)} ${kind === "text" ? "characters" : "bytes"}`;
  return (
    <>
      <p>
        Original{size}
        {part}
      </p>
      {text === "" ? <p class="plain">It is empty.</p> : <Text label="Original" text={text} isDump={kind === "bytes"} />}
    </>
  );
}

function All({ rejected }: { rejected: Rejected }) {
  return (
    <div>
      {rejected.words.length > AT_A_GLANCE && <p>{clip(visible(rejected.words), MOST_OF_WORDS)}</p>}
      <dl class="facts">
        <div>
          <dt>Topic</dt>
          <dd>
            <bdi>{clip(visible(rejected.topic), MOST_OF_WORDS)}</bdi>
          </dd>
        </div>
        <div>
          <dt>Arrived</dt>
          <dd>{time(rejected.time)}</dd>
        </div>
        {rejected.source && (
          <div>
            <dt>Source</dt>
            <dd>
              <Clip text={rejected.source} />
            </dd>
          </div>
        )}
        {rejected.element !== undefined && (
          <div>
            <dt>Element</dt>
            <dd>{number(rejected.element)}</dd>
          </div>
        )}
      </dl>
      <Original rejected={rejected} />
      {rejected.line !== undefined && (
        <>
          <p>Line of line protocol</p>
          <Text label="Line" text={clip(rejected.line, 8192)} />
        </>
      )}
    </div>
  );
}

export function RejectRow({ rejected }: { rejected: Rejected }) {
  const isOpen = useSignal(false);
  return (
    <li class="reject">
      <details onToggle={(e) => (isOpen.value = e.currentTarget.open)}>
        <summary>
          <Ago at={rejected.time} />
          <code>
            <Clip text={rejected.reason} most={40} />
          </code>
          <Clip text={rejected.topic} most={80} />
          <Clip text={rejected.words} most={AT_A_GLANCE} />
        </summary>
        {isOpen.value && <All rejected={rejected} />}
      </details>
    </li>
  );
}
