// Says how much script a page loads, compressed, and fails above its budget. Needs a build: `next build`.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** The chat page holds nothing of the editor (Yjs, ProseMirror, Tiptap, the Markdown parser), which the other one is. */
const pages = [
  { name: "the chat page", route: "/(app)/rooms/[roomId]/page", budgetBytes: 250_000 },
  { name: "the document page", route: "/(app)/documents/[documentId]/page", budgetBytes: 510_000 },
];
const root = fileURLToPath(new URL("./.next/", import.meta.url));

/** The chunks that a page's own manifest names for the browser, and those that every page loads. */
function listChunks(route) {
  const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
  const found = new Set(read("build-manifest.json").rootMainFiles);
  const source = readFileSync(join(root, `server/app${route}_client-reference-manifest.js`), "utf8");
  for (const [chunk] of source.matchAll(/static\/chunks\/[\w~.()-]+\.js/g)) found.add(chunk);
  return [...found];
}

function check({ name, route, budgetBytes }) {
  const chunks = listChunks(route);
  const sizes = chunks.map((chunk) => ({
    chunk,
    bytes: gzipSync(readFileSync(join(root, chunk)), { level: 9 }).length,
  }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { chunk, bytes } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${chunk}`);
  }
  const isWithin = chunks.length > 0 && total <= budgetBytes;
  console.log(
    `${isWithin ? "ok" : "too much"}: ${(total / 1000).toFixed(1)} kB of ${budgetBytes / 1000} kB for ${name}\n`,
  );
  return isWithin;
}

if (!existsSync(join(root, "BUILD_ID"))) {
  console.error("There is no build to measure: run `next build` in apps/web.");
  process.exit(1);
}
if (!pages.map(check).every(Boolean)) process.exitCode = 1;
