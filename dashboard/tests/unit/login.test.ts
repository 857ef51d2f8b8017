import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { brokerUrl, forgetRefused, keepForTab, loginFromFragment, rememberedLogin, rememberLogin } from "../../src/bus/login";

class Store {
  private readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

const ADA = { user: "ada", password: "se:cret" };
const BOB = { user: "bob", password: "" };
const newTab = () => Object.defineProperty(globalThis, "sessionStorage", { value: new Store(), configurable: true });

beforeEach(() => {
  newTab();
  Object.defineProperty(globalThis, "localStorage", { value: new Store(), configurable: true });
});

test("the broker is where the page is", () => {
  const of = (href: string) => brokerUrl(new URL(href) as unknown as Location);
  assert.equal(of("http://127.0.0.1:9001/"), "ws://127.0.0.1:9001/mqtt");
  assert.equal(of("https://house.example/hearthline/?x=1#/history"), "wss://house.example/hearthline/mqtt");
  assert.equal(of("http://ha.local:8123/api/hassio_ingress/abc/index.html"), "ws://ha.local:8123/api/hassio_ingress/abc/mqtt");
});

test("a login is taken out of the fragment, and the rest stays", () => {
  const login = Buffer.from("ada:se:cret").toString("base64url");
  for (const [fragment, rest] of [
    [`#login=${login}`, "#"],
    [`#login=${login}&/history?period=1h`, "#/history?period=1h"],
    [`#/history?period=1h&login=${login}`, "#/history?period=1h"],
    [`#login=${login}#kiosk`, "##kiosk"],
  ] as const)
    assert.deepEqual(loginFromFragment(fragment), { login: ADA, rest });
  assert.deepEqual(loginFromFragment("#/history"), { login: null, rest: "#/history" });
  for (const bad of ["#login=%%%", "#login=", "#mylogin=YTpi"]) assert.equal(loginFromFragment(bad).login, null, bad);
  assert.deepEqual(loginFromFragment("#login=A"), { login: null, rest: "#" });
});

test("a login lasts as long as the tab, and longer only when the person says so", () => {
  rememberLogin(ADA, false);
  assert.deepEqual(rememberedLogin(), ADA);
  newTab();
  assert.equal(rememberedLogin(), null);
  rememberLogin(ADA, true);
  newTab();
  assert.deepEqual(rememberedLogin(), ADA);
  rememberLogin(BOB, false);
  newTab();
  assert.equal(rememberedLogin(), null, "who logs in without it takes back what was remembered");
});

test("a link of yesterday does not cost what was remembered", () => {
  rememberLogin(ADA, true);
  newTab();
  keepForTab(BOB);
  forgetRefused();
  assert.deepEqual(rememberedLogin(), ADA);
  forgetRefused();
  assert.equal(rememberedLogin(), null);
});
