/* What is looked at, as the address says it: #/history?field=temperature&period=24h. So a link leads to exactly
 * this view, and back and forward work. #kiosk, alone or behind a view, hides every control. */
import { signal } from "@preact/signals";

export const VIEWS = ["overview", "history", "alerts", "devices", "rejects"] as const;
export type ViewName = (typeof VIEWS)[number];

export interface Route {
  view: ViewName;
  query: URLSearchParams;
  kiosk: boolean;
}

export function parseFragment(fragment: string): Route {
  const kiosk = /#kiosk$/.test(fragment);
  const [path = "", query = ""] = fragment.replace(/#kiosk$/, "").replace(/^#\/?/, "").split("?", 2);
  const view = VIEWS.find((name) => name === path) ?? "overview";
  return { view, query: new URLSearchParams(query), kiosk };
}

export function fragmentOf(route: { view: ViewName; query?: Record<string, string>; kiosk?: boolean }): string {
  const query = new URLSearchParams(route.query).toString();
  return `#/${route.view}${query ? `?${query}` : ""}${route.kiosk ? "#kiosk" : ""}`;
}

export const route = signal<Route>(parseFragment(""));

export function followAddress(): void {
  const read = () => (route.value = parseFragment(location.hash));
  addEventListener("hashchange", read);
  read();
}

/* `replace` for what is a step within the view (zooming), so that "back" leaves the view. */
export function go(view: ViewName, query: Record<string, string> = {}, replace = false): void {
  const fragment = fragmentOf({ view, query, kiosk: route.value.kiosk });
  if (replace) {
    history.replaceState(null, "", fragment);
    route.value = parseFragment(fragment);
  } else location.hash = fragment;
}
