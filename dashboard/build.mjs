/* Builds the page into the folder that is named (default: ../build/dashboard): one file, index.html, because an idle
 * mosquitto takes a fifth of a second for each. Script and style stand in it, and the Content-Security-Policy names
 * them by their hashes and allows no other. The script is classic (docs/dashboard.md). */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
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

const KINDS = {
  "app.css": { place: '<link rel="stylesheet" href="app.css">', element: "style", policy: "style-src 'self'" },
  "app.js": { place: '<script src="app.js" defer></script>', element: "script", policy: "script-src 'self'" },
};

function replaced(page, old, now) {
  if (page.split(old).length !== 2) throw new Error(`index.html must have ${old} once`);
  return page.split(old).join(now);
}

let page = await readFile(join(here, "index.html"), "utf8");
for (const { path, text } of outputFiles) {
  const name = path.split("/").at(-1);
  const { place, element, policy } = KINDS[name];
  if (text.includes(`</${element}`)) throw new Error(`${name} would end its own element`);
  const hash = createHash("sha256").update(text).digest("base64");
  page = replaced(page, place, `<${element}>${text}</${element}>`);
  page = replaced(page, policy, policy.replace("'self'", `'sha256-${hash}'`));
  console.log(`${name}: ${Buffer.byteLength(text)} bytes`);
}

/* Whoever loads the page meanwhile gets the old one or the new one. */
await mkdir(target, { recursive: true });
await writeFile(join(target, "index.new"), page);
await rename(join(target, "index.new"), join(target, "index.html"));
for (const old of Object.keys(KINDS)) await rm(join(target, old), { force: true });
