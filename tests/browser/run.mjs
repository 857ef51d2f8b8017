/* Runs the page's own tests and the browser tests: all, or the files whose name holds a word given.
 *
 * One line a test on standard output, "ok N - NAME" or "not ok N - NAME", which scripts/test counts. Each file is a
 * process of its own, one after the other, so that figures of time are not disturbed by a neighbour. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const dashboard = fileURLToPath(new URL("../../dashboard", import.meta.url));
const LIMIT_MS = 900_000;
const words = process.argv.slice(2);
let failed = 0;

/* Of node:test's words: each test's line, and what it says below one that failed. */
function pass(line, state) {
  if (!line.startsWith(" ")) state.failed = line.startsWith("not ok");
  return state.failed || line.startsWith("ok ");
}

async function run(name, command, args, cwd) {
  console.log(`# ${name}`);
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"], timeout: LIMIT_MS });
  const state = { failed: false };
  createInterface({ input: child.stdout }).on("line", (line) => pass(line, state) && console.log(line));
  const [code] = await once(child, "close");
  if (code !== 0) failed++;
  return code === 0;
}

if (words.length === 0) {
  for (const project of [".", "tests"]) {
    const right = await run(`tsc ${project}`, process.execPath, ["node_modules/typescript/bin/tsc", "-p", project], dashboard);
    console.log(`${right ? "ok" : "not ok"} types of ${project}`);
  }
  await run("the page's own tests", process.execPath, ["tests/unit.mjs"], dashboard);
}
const files = readdirSync(here).filter((name) => /^test_.*\.mjs$/.test(name) && words.every((word) => name.includes(word)));
for (const name of files.sort()) await run(name, process.execPath, ["--test-reporter=tap", here + name], here);
process.exit(failed > 0 || (words.length > 0 && files.length === 0) ? 1 : 0);
