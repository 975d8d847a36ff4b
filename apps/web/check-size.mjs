// Says how much script the chat page loads, compressed, and fails above the budget. Needs a build: `next build`.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const budgetBytes = 250_000;
const route = "/rooms/[roomId]/page";
const root = fileURLToPath(new URL("./.next/", import.meta.url));

/** The chunks that a page's own manifest names for the browser, and those that every page loads. */
function listChunks() {
  const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
  const shared = read("build-manifest.json");
  const found = new Set([...shared.rootMainFiles, ...shared.polyfillFiles.slice(0, 0)]);
  const source = readFileSync(join(root, `server/app${route}_client-reference-manifest.js`), "utf8");
  for (const [chunk] of source.matchAll(/static\/chunks\/[\w~.()-]+\.js/g)) found.add(chunk);
  return [...found];
}

if (!existsSync(join(root, "BUILD_ID"))) {
  console.error("There is no build to measure: run `next build` in apps/web.");
  process.exit(1);
}
const chunks = listChunks();
const sizes = chunks.map((chunk) => ({ chunk, bytes: gzipSync(readFileSync(join(root, chunk)), { level: 9 }).length }));
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
for (const { chunk, bytes } of sizes.sort((a, b) => b.bytes - a.bytes)) {
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${chunk}`);
}
const isWithin = chunks.length > 0 && total <= budgetBytes;
console.log(
  `${isWithin ? "ok" : "too much"}: ${(total / 1000).toFixed(1)} kB of ${budgetBytes / 1000} kB for the chat page`,
);
if (readdirSync(root).length === 0 || !isWithin) process.exitCode = 1;
