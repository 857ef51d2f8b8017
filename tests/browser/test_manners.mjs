/* What a person meets who does not use a mouse, or comes while something is away. */
import assert from "node:assert/strict";
import { NARROW } from "./guest.mjs";
import { holds, stage, until } from "./stage.mjs";

const scene = stage();
const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute("name"));

scene("another view begins at its top, has the focus and is called by its name", async ({ visit }) => {
  const guest = await visit({ size: NARROW, view: "/overview" });
  assert.notEqual(await focused(guest.page), "main", "nothing takes the focus when the page opens");
  await guest.page.evaluate(() => scrollTo(0, 400));
  await guest.goes("#/alerts");
  await guest.page.getByRole("main", { name: "Alerts" }).waitFor();
  await until(async () => (await focused(guest.page)) === "main", "the focus");
  await holds(async () => assert.equal(await guest.page.evaluate(() => scrollY), 0));
  await guest.page.keyboard.press("Tab");
  await holds(async () => assert.equal(await guest.page.evaluate(() => document.activeElement.innerText), "Notify me"));
});

scene("what is chosen within a view leaves the focus where it is", async ({ visit }) => {
  const guest = await visit({ view: "/devices" });
  await guest.page.getByLabel(/Search by device/).focus();
  await guest.page.keyboard.type("kitchen");
  await holds(async () => assert.equal(await guest.page.evaluate(() => document.activeElement.value), "kitchen"));
});

scene("a password mistyped is typed anew, not the user; letters may be any", async ({ house, visit }) => {
  const guest = await visit({ url: house.page, waits: false });
  await until(async () => (await focused(guest.page)) === "username", "the focus in the field of the user");
  await guest.page.keyboard.type("dashboard");
  await guest.page.keyboard.press("Tab");
  await guest.page.keyboard.type("schlüssel 🔑");
  await guest.page.keyboard.press("Enter");
  await guest.sees(/password is wrong/);
  await holds(async () => assert.equal(await guest.page.getByLabel("User", { exact: true }).inputValue(), "dashboard"));
  await until(async () => (await focused(guest.page)) === "password", "the focus in the field of the password");
  await guest.page.keyboard.type("dashboard-password");
  await guest.page.keyboard.press("Enter");
  await guest.isOnline();
});

scene("a query service that stands still is said in each view, and nothing is asked for ever", async ({ house, visit }) => {
  const guest = await visit({ view: "/overview" });
  await house.do("freeze", { name: "query" });
  try {
    for (const view of ["/devices", "/rejects", "/history", "/history?show=energy"]) {
      await guest.goes(`#${view}`);
      await guest.sees(/No answer within 8 s/, 12_000);
      assert.doesNotMatch(await guest.text("main"), /Asking…/, view);
    }
  } finally {
    await house.do("thaw");
  }
});

scene("without the broker nobody says that nothing is wrong", async ({ house, visit }) => {
  const guest = await visit({ view: "/alerts", tolerates: /WebSocket connection|ERR_CONNECTION/ });
  await guest.sees(/Nothing is wrong now/);
  await house.end("broker");
  await guest.sees(/Nobody looks whether something is wrong: the query service is unknown/, 3000);
});
