/* Where an answer came from, how old it is, and what it could not tell. */
import type { Answered } from "../house/history";
import { duration } from "./format";
import { Ago, Clip, State } from "./parts";
import { zone } from "./time_axis";

const FALLBACK = "services-fallback";

export function Source({ shown }: { shown: Answered }) {
  const isFallback = shown.source === FALLBACK;
  return (
    <div class="source plain">
      <p>
        {isFallback ? (
          <>
            <State state="degraded" /> InfluxDB does not answer: these figures are what the services said on the bus (fallback)
          </>
        ) : (
          <>From InfluxDB</>
        )}
        , answered <Ago at={shown.madeMs} />
        {shown.cachedS > 0 && <> and kept for {duration(shown.cachedS)}</>}
        {shown.ageS !== null && <>; the newest figure was {duration(shown.ageS)} old then</>}. Times in {zone(shown.range.toMs)}.
      </p>
      {shown.missing.length > 0 && (
        <ul class="problem">
          {shown.missing.map(({ figure, reason }) => (
            <li>
              Not told of {figure}: <Clip text={reason} most={300} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
