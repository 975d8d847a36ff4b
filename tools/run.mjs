// Runs a TypeScript file of this repository on Node 24, whatever `node` is first on the PATH:
//   node tools/run.mjs <file> [arguments]
// The npm package `node` brings Node 24 along, so a machine with any npm can run everything here.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const requiredMajor = 24;
const root = fileURLToPath(new URL("..", import.meta.url));
const [file, ...args] = process.argv.slice(2);

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
}

/** The Node that `npm ci` put into this repository, where its install script was allowed to run. */
function findOwnNode() {
  const own = resolve(root, "node_modules/node/bin/node");
  if (!existsSync(own)) return undefined;
  const { stdout } = spawnSync(own, ["--version"], { encoding: "utf8" });
  return majorOf(stdout ?? "") >= requiredMajor ? own : undefined;
}

function explain() {
  console.error(
    `This needs Node ${requiredMajor} or newer; ${process.version} is running and the repository's own is missing.\n` +
      "Run `npm ci` here, without --ignore-scripts: it brings Node 24 along. Or install Node 24 and try again.",
  );
  process.exit(1);
}

/** Hands over to another Node: signals go on to it, its end is ours. */
function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), file, ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

if (!file) {
  console.error("usage: node tools/run.mjs <file> [arguments]");
  process.exit(1);
}
if (majorOf(process.version) >= requiredMajor) {
  // Whatever the file starts by the name `node` or as a tool of this repository is found here first.
  process.env.PATH = `${resolve(root, "node_modules/.bin")}:${process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin"}`;
  process.argv.splice(1, 2, resolve(file));
  await import(pathToFileURL(resolve(file)).href);
} else {
  const node = findOwnNode();
  if (node) handOver(node);
  else explain();
}
