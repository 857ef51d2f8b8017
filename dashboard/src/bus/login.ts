/* Where the broker is and as whom to log in.
 *
 * The broker's address is that of the page, so that a proxy, another port or a panel in Home Assistant needs
 * no setting. A login comes from the fragment of a link (#login=<base64url of user:password>, which scripts/run
 * prints), else from what was remembered, else from the person. The fragment is taken out of the address bar
 * and of the history at once; a browser sends fragments to nobody. */
import type { Login } from "./connection";

const KEY = "hearthline.login";

export function brokerUrl(page: Location): string {
  const url = new URL("./mqtt", page.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  url.search = "";
  return url.href;
}

function fromText(text: string): Login | null {
  const colon = text.indexOf(":");
  return colon > 0 ? { user: text.slice(0, colon), password: text.slice(colon + 1) } : null;
}

export function loginFromFragment(fragment: string): { login: Login | null; rest: string } {
  const found = /(^#|&)login=([A-Za-z0-9_-]+={0,2})/.exec(fragment);
  if (!found) return { login: null, rest: fragment };
  const rest = fragment.replace(found[0], found[1] === "#" ? "#" : "").replace(/^#&/, "#");
  try {
    const bytes = Uint8Array.from(atob(found[2]!.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    return { login: fromText(new TextDecoder().decode(bytes)), rest };
  } catch {
    return { login: null, rest };
  }
}

/* Takes the login out of the address bar, and gives it. */
export function takeLoginFromAddress(): Login | null {
  const { login, rest } = loginFromFragment(location.hash);
  if (rest !== location.hash) history.replaceState(null, "", location.pathname + location.search + (rest === "#" ? "" : rest));
  return login;
}

/* Storage may be forbidden to the page: then nothing is remembered. */
function stores(): Storage[] {
  try {
    return [sessionStorage, localStorage];
  } catch {
    return [];
  }
}

/* For this tab, so that a reload does not ask again. */
export function keepForTab(login: Login): void {
  stores()[0]?.setItem(KEY, `${login.user}:${login.password}`);
}

/* For the tab, and for good only when the person says so. */
export function rememberLogin(login: Login, forGood: boolean): void {
  forgetLogin();
  keepForTab(login);
  if (forGood) stores()[1]?.setItem(KEY, `${login.user}:${login.password}`);
}

export function forgetLogin(): void {
  for (const store of stores()) store.removeItem(KEY);
}

/* What the broker does not take is not worth remembering: the login that rememberedLogin gives, wherever it lies. */
export function forgetRefused(): void {
  const login = rememberedLogin();
  for (const store of stores()) if (login && store.getItem(KEY) === `${login.user}:${login.password}`) store.removeItem(KEY);
}

export function rememberedLogin(): Login | null {
  for (const store of stores()) {
    const text = store.getItem(KEY);
    if (text) return fromText(text);
  }
  return null;
}
