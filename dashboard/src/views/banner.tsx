/* Says it when the broker is away: nothing on the page is fresh then. Only that is an alert, not the countdown, which
 * a screen reader would read out each second. */
import { nowMs } from "../house/clock";
import type { House } from "../house/house";
import { duration } from "./format";

export function Banner({ house }: { house: House }) {
  const { phase, words, retryAtMs } = house.connection.state.value;
  if (phase === "online") return null;
  if (phase === "connecting" && words === "") return <div class="banner banner-calm" role="status">Connecting to the broker.</div>;
  const retryS = retryAtMs === null ? null : Math.max(0, (retryAtMs - nowMs.value) / 1000);
  return (
    <section class="banner" aria-label="Connection">
      <span role="alert"><strong>{words}.</strong> What is shown is old.</span>{" "}
      {retryS !== null && <>Next try in {duration(retryS)}. <button type="button" onClick={() => house.connection.retry()}>Try now</button></>}
    </section>
  );
}
