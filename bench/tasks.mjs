/* What the page's main thread does while something happens to it, from Chromium's own trace.
 *
 * A frame is late when a task is long. Times of the processor are told, not of the clock, so that what else runs on
 * the machine does not count. */
const TASK = "ThreadControllerImpl::RunTask";

/* The longest task and all of them together, in ms, while `act` runs. */
export async function tasksOf(browser, page, act) {
  await browser.startTracing(page, { categories: ["toplevel", "__metadata"] });
  let trace;
  try {
    await act();
  } finally {
    trace = JSON.parse((await browser.stopTracing()).toString());
  }
  const isMain = new Set(
    trace.traceEvents.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map((e) => `${e.pid} ${e.tid}`),
  );
  const tasks = trace.traceEvents
    .filter((e) => e.name === TASK && e.ph === "X" && isMain.has(`${e.pid} ${e.tid}`))
    .map((e) => (e.tdur ?? e.dur) / 1000);
  if (tasks.length === 0) throw new Error("the trace tells of no task");
  return { longest: Math.max(...tasks), all: tasks.reduce((sum, ms) => sum + ms, 0) };
}
