/* What the person chose: kept in this browser, and never needed. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "hearthline.settings";

interface Settings {
  theme: Theme;
  paused: boolean; /* motion */
  notify: boolean;
}

function stored(): Partial<Settings> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>;
  } catch {
    return {};
  }
}

const before = stored();
export const theme = signal<Theme>(before.theme === "light" || before.theme === "dark" ? before.theme : "system");
export const paused = signal(before.paused === true);
export const notify = signal(before.notify === true);

export function keepSettings(): void {
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme.value;
    const settings: Settings = { theme: theme.value, paused: paused.value, notify: notify.value };
    try {
      localStorage.setItem(KEY, JSON.stringify(settings));
    } catch {
      /* A browser that keeps nothing: the choice holds for this page. */
    }
  });
}
