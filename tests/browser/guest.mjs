/* Somebody who looks at the page: a browser context of its own, with everything that went wrong in it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../dashboard/package.json", import.meta.url));
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const NARROW = { width: 360, height: 740 };
export const WIDE = { width: 1400, height: 900 };
const THEMES = ["light", "dark"];

/* Told to the console, where it counts as an error like any other. */
function tellViolations() {
  addEventListener("securitypolicyviolation", (event) =>
    console.error(`Content-Security-Policy: ${event.violatedDirective} broken by ${event.blockedURI} ${event.sample}`),
  );
}

export class Guest {
  /* `tolerates` is a pattern for errors that the scene brings about, such as a broker that is away. */
  static async open(browser, { url, size = WIDE, theme = "light", motion = "no-preference", tolerates, context = {} }) {
    const guest = new Guest();
    guest.context = await browser.newContext({ viewport: size, colorScheme: theme, reducedMotion: motion, locale: "en-GB",
      timezoneId: "Europe/Berlin", ...context });
    guest.faults = [];
    guest.tolerates = tolerates;
    guest.page = await guest.tab(url);
    return guest;
  }

  /* A further tab of the same person. */
  async tab(url) {
    const page = await this.context.newPage();
    page.on("console", (message) => message.type() === "error" && this.note(message.text()));
    page.on("pageerror", (error) => this.note(String(error)));
    await page.addInitScript(tellViolations);
    await page.goto(url);
    return page;
  }

  /* Until the page is there and connected. */
  async isOnline(ms = 15_000) {
    await this.page.locator("main#main").waitFor({ timeout: ms });
    await this.page.locator(".banner").waitFor({ state: "detached", timeout: ms });
  }

  note(words) {
    if (!this.tolerates?.test(words)) this.faults.push(words);
  }

  wasQuiet() {
    if (this.faults.length > 0) throw new Error(`the page complained:\n${this.faults.join("\n")}`);
  }

  text(selector = "body") {
    return this.page.innerText(selector);
  }

  /* Waits for a text anywhere on the page (a pattern, or words); gives how long it took, in ms. */
  async sees(what, ms = 15_000) {
    const begun = performance.now();
    await this.page.getByText(what).filter({ visible: true }).first().waitFor({ timeout: ms });
    return performance.now() - begun;
  }

  async goes(fragment) {
    await this.page.evaluate((to) => (location.hash = to), fragment);
  }

  picture(path) {
    return this.page.screenshot({ path, fullPage: true });
  }

  /* Nothing for axe-core to find, and nothing wider than the page, in both themes and at both widths. */
  async isAccessible(shoot = async () => {}) {
    const before = this.page.viewportSize();
    await this.page.evaluate(AXE);
    for (const size of [NARROW, WIDE])
      for (const colorScheme of THEMES) {
        await this.page.setViewportSize(size);
        await this.page.emulateMedia({ colorScheme });
        await shoot(`${size.width} ${colorScheme}`);
        const where = `at ${size.width} px, ${colorScheme}`;
        const { violations } = await this.page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        if (violations.length > 0) throw new Error(`axe-core ${where}: ${violations.map(toldOf).join("\n")}`);
        const over = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (over > 0) throw new Error(`${where} the page is ${over} px too wide`);
      }
    await this.page.setViewportSize(before);
  }

  async leave() {
    await this.context.close();
  }
}

function toldOf({ id, help, nodes }) {
  return `${id}: ${help}\n${nodes.map((node) => `    ${node.html.slice(0, 200)}\n      ${node.failureSummary}`).join("\n")}`;
}
