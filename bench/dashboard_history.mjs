/* How long a month of the thermometer takes, measured in the page: 1,964 windows of 22 minutes, each with mean, lowest,
 * highest and number. */
import { KITCHEN } from "../tests/browser/history_house.mjs";
import { until } from "../tests/browser/stage.mjs";

const DRAWN = "hearthline:history-drawn";

/* Notes when the first question went out and when the last answer came in, before the page sees it. */
function watchAnswers() {
  const says = (data, words) => new TextDecoder().decode(data.slice(0, 100)).includes(words);
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    if (says(data, "/request/")) window.askedAt ??= performance.now();
    send.call(this, data);
  };
  const { set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
  Object.defineProperty(WebSocket.prototype, "onmessage", {
    set(heard) {
      set.call(this, (event) => {
        if (says(event.data, "/response/")) window.answeredAt = performance.now();
        heard.call(this, event);
      });
    },
  });
}

export const median = (figures) => [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];

/* In ms, of as many loads as asked for: `drawn` from the arrival of the last answer to the finished picture, `waited`
 * from the first question to that arrival. */
export async function monthsOf(guest, loads) {
  const { page } = guest;
  await guest.context.addInitScript(watchAnswers);
  const drawn = [];
  const waited = [];
  for (let i = 0; i < loads; i++) {
    await page.goto(`${new URL(page.url()).origin}/?${i}#/history?${KITCHEN}&period=30d&window=22m`);
    await page.locator("#history-told").waitFor();
    const { asked, answered, done } = await until(
      () =>
        page.evaluate((mark) => {
          const done = performance.getEntriesByName(mark).at(-1)?.startTime;
          return done && { asked: window.askedAt, answered: window.answeredAt, done };
        }, DRAWN),
      "the chart",
    );
    drawn.push(done - answered);
    waited.push(answered - asked);
  }
  return { drawn, waited };
}
