/* How long the page's main thread is busy at a stretch with five hundred devices: listing them, scrolling through
 * them, finding ten of them letter by letter and all again. */
import { DEVICES } from "../tests/browser/devices_house.mjs";
import { until } from "../tests/browser/stage.mjs";
import { tasksOf } from "./tasks.mjs";

const TIMES = 3;

/* The longest task of each, in ms of the processor: the least of several times, as the engine's own work comes and goes. */
export async function longestTasks(browser, guest) {
  const { page } = guest;
  const count = () => page.locator(".device").count();
  const search = page.getByRole("searchbox");
  const acts = {
    listed: async () => {
      await guest.goes("#/devices?search=sensor");
      await page.getByText(new RegExp(`^${DEVICES} of`)).waitFor();
    },
    scrolled: () =>
      until(async () => {
        await page.mouse.wheel(0, 900);
        return (await count()) === DEVICES;
      }, "the end of the list"),
    filtered: async () => {
      await search.fill("");
      await search.pressSequentially("sensor-49", { delay: 30 });
      await until(async () => (await count()) === 10, "the ten");
      for (let i = 0; i < 9; i++) await search.press("Backspace");
      await until(async () => (await count()) >= 40, "all again");
    },
  };
  const longest = Object.fromEntries(Object.keys(acts).map((name) => [name, Infinity]));
  for (let i = 0; i < TIMES; i++) {
    await guest.goes("#/rejects");
    await page.reload(); /* so that the list comes anew */
    await guest.isOnline();
    for (const [name, act] of Object.entries(acts))
      longest[name] = Math.min(longest[name], (await tasksOf(browser, page, act)).longest);
  }
  return longest;
}
