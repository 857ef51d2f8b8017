/* Says it when the broker is away: nothing on the page is fresh then. */
import { nowMs } from "../house/clock";
import type { House } from "../house/house";
import { duration } from "./format";

export function Banner({ house }: { house: House }) {
  const state = house.connection.state.value;
  if (state.phase === "online") return null;
  const retryS = state.retryAtMs === null ? null : Math.max(0, (state.retryAtMs - nowMs.value) / 1000);
  return (
    <div class="banner" role="alert">
      <strong>{state.words || "Connecting to the broker"}.</strong> What is shown is old.{" "}
      {retryS !== null && <>Next try in {duration(retryS)}. <button type="button" onClick={() => house.connection.retry()}>Try now</button></>}
    </div>
  );
}
