/* The page: head, view, and the door in front of both. */
import { useEffect, useRef } from "preact/hooks";
import { forgetLogin } from "../bus/login";
import type { House } from "../house/house";
import { Alerts } from "./alerts";
import { Banner } from "./banner";
import { Devices } from "./devices";
import { Flow } from "./flow";
import { History } from "./history";
import { LoginForm } from "./login";
import { Now } from "./now";
import { Rejects } from "./rejects";
import { fragmentOf, route, VIEWS, type ViewName } from "./route";
import { paused, theme, type Theme } from "./settings";

function Overview({ house }: { house: House }) {
  return <><Flow house={house} /><Now house={house} /></>;
}

const PAGES: Record<ViewName, { title: string; View: (props: { house: House }) => preact.JSX.Element }> = {
  overview: { title: "Overview", View: Overview },
  history: { title: "History", View: History },
  alerts: { title: "Alerts", View: Alerts },
  devices: { title: "Devices", View: Devices },
  rejects: { title: "Rejects", View: Rejects },
};

function Navigation({ house }: { house: House }) {
  const firing = house.alerts.list.value.filter((alert) => alert.state === "firing").length;
  return (
    <nav aria-label="Views">
      {VIEWS.map((view) => (
        <a href={fragmentOf({ view })} aria-current={route.value.view === view ? "page" : undefined}>
          {PAGES[view].title}
          {view === "alerts" && firing > 0 && <span class="count"> {firing}<span class="hidden"> firing</span></span>}
        </a>
      ))}
    </nav>
  );
}

function Controls({ house }: { house: House }) {
  const leave = () => {
    forgetLogin();
    house.connection.close();
  };
  return (
    <div class="controls">
      <button type="button" aria-pressed={paused.value} onClick={() => (paused.value = !paused.value)}>Pause motion</button>
      <label>Theme{" "}
        <select value={theme.value} onChange={(e) => (theme.value = e.currentTarget.value as Theme)}>
          <option value="system">system</option><option value="light">light</option><option value="dark">dark</option>
        </select>
      </label>
      <button type="button" onClick={leave}>Log out</button>
    </div>
  );
}

/* Another view begins at its top and takes the focus: a screen reader says its name, and Tab goes on in it. */
function useArrival(view: ViewName): void {
  const before = useRef(view);
  useEffect(() => {
    if (before.current === view) return;
    before.current = view;
    scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [view]);
}

export function App({ house }: { house: House }) {
  const { view, kiosk } = route.value;
  const { phase } = house.connection.state.value;
  const { title, View } = PAGES[view];
  useEffect(() => {
    document.title = `${title} – Hearthline`;
  }, [title]);
  useArrival(view);
  if (phase === "off" || phase === "refused") return <LoginForm house={house} />;
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>To the content</a>
      {!kiosk && <header><span class="brand">Hearthline</span><Navigation house={house} /><Controls house={house} /></header>}
      <Banner house={house} />
      <main id="main" tabIndex={-1} aria-labelledby="view"><h1 id="view" class="hidden">{title}</h1><View house={house} /></main>
    </>
  );
}
