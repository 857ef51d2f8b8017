/* Asks when a view opens, when the broker or the query service is back, and again and again while somebody sees it. */
import { useEffect } from "preact/hooks";
import type { House } from "../house/house";

export function useWhileSeen(house: House, ask: () => Promise<void>, everyMs?: number): void {
  const isOnline = house.connection.state.value.phase === "online";
  const since = house.services.byName.value.get("query")?.status?.since;
  useEffect(() => {
    if (!isOnline) return;
    const seen = () => void (document.hidden || ask());
    seen();
    document.addEventListener("visibilitychange", seen);
    const timer = everyMs === undefined ? undefined : setInterval(seen, everyMs);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      clearInterval(timer);
    };
  }, [isOnline, since]);
}
