/* Builds the page into the folder that is named (default: ../build/dashboard): index.html, app.js, app.css, and
 * nothing else, because mosquitto answers slowly when it has nothing else to do. The script is classic: mosquitto
 * names no Content-Type, and a browser runs no module without one (docs/dashboard.md). */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, "../build/dashboard"));

const { outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx" },
  bundle: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  legalComments: "inline",
  outdir: target,
  write: false,
  logLevel: "warning",
});

/* The query makes a browser take the new file after an update, not the one that it keeps. */
let page = await readFile(join(here, "index.html"), "utf8");
await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
for (const { path, contents } of outputFiles) {
  const name = path.split("/").at(-1);
  const version = createHash("sha256").update(contents).digest("hex").slice(0, 12);
  page = page.replace(`"${name}"`, `"${name}?v=${version}"`);
  await writeFile(path, contents);
  console.log(`${name}: ${contents.length} bytes`);
}
await writeFile(join(target, "index.html"), page);
