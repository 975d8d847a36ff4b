// Runs a TypeScript file of this repository on Node 24, whatever `node` is first on the PATH:
//   node tools/run.mjs <file> [arguments]
// The npm package `node` brings Node 24 along, so a machine with any npm can run everything here.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

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

/**
 * On a single core the threads that collect garbage beside the program only take turns with it, in slices that are
 * longer than the collection: p99 of `npm run bench -- T4` at 3,000 msg/s was 240 ms in every other run, and is 70 without.
 */
const flags = availableParallelism() === 1 ? ["--single-threaded-gc"] : [];

/** Becomes the program where the system can do that, so that a signal to this process is one to the program. */
function become(node) {
  // Whatever the program starts by the name `node` or as a tool of this repository is found here first.
  const path = `${resolve(root, "node_modules/.bin")}:${process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin"}`;
  const env = { ...process.env, PATH: path };
  if (process.execve && process.platform !== "win32") {
    // Node calls its own execve experimental; those who run a command here cannot do anything about that.
    process.removeAllListeners("warning");
    process.execve(node, [node, ...flags, file, ...args], env);
  }
  const child = spawn(node, [...flags, file, ...args], { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

if (!file) {
  console.error("usage: node tools/run.mjs <file> [arguments]");
  process.exit(1);
}
const node = majorOf(process.version) >= requiredMajor ? process.execPath : findOwnNode();
if (node) become(node);
else explain();
