/* Asks for what a view shows: when it changes, when the broker is back, and again as time goes on. */
import { useEffect } from "preact/hooks";
import type { History } from "../house/history";
import { queryOf, type HistoryView } from "../house/history_view";
import type { House } from "../house/house";

const AGAIN_MS = { least: 10_000, most: 60_000 };

export function useHistory(house: House, history: History, view: () => HistoryView, goesOn: boolean): void {
  const isOnline = house.connection.state.value.phase === "online";
  const key = JSON.stringify(queryOf(view()));
  useEffect(() => {
    if (isOnline) void history.load(view());
  }, [key, isOnline]);
  const windowMs = history.shown.value?.windowMs ?? 0;
  useEffect(() => {
    if (!isOnline || !goesOn) return;
    const again = () => !document.hidden && void history.load(view());
    const timer = setInterval(again, Math.min(AGAIN_MS.most, Math.max(AGAIN_MS.least, windowMs)));
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [key, isOnline, goesOn, windowMs]);
}
