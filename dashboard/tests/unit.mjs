/* Runs the tests of what needs no browser: tests/unit/*.test.ts, each bundled and run by node:test. Words choose files. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("unit", import.meta.url));
const target = fileURLToPath(new URL("../../build/dashboard-tests", import.meta.url));
const words = process.argv.slice(2);
const names = readdirSync(here).filter((name) => name.endsWith(".test.ts") && words.every((word) => name.includes(word)));

await build({
  entryPoints: names.map((name) => join(here, name)),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node18",
  jsx: "automatic",
  jsxImportSource: "preact",
  sourcemap: "inline",
  /* What a browser has, and Node.js 18 has only on request. */
  banner: { js: 'import { webcrypto } from "node:crypto"; globalThis.crypto ??= webcrypto;' },
  outdir: target,
  outExtension: { ".js": ".mjs" },
  logLevel: "warning",
});

let failed = 0;
for (const name of names.sort()) {
  const file = join(target, name.replace(/\.ts$/, ".mjs"));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test-reporter=tap", file], { stdio: "inherit", timeout: 120_000 });
  if (status !== 0) failed++;
}
process.exit(failed > 0 || names.length === 0 ? 1 : 0);
