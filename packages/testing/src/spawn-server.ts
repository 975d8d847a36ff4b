import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { collectOutput, stopChild, waitForExit } from "./child.ts";
import { eventually } from "./eventually.ts";
import { findFreePort } from "./free-port.ts";
import { createTestStorage, type TestStorage } from "./test-database.ts";

/** A server in a process of its own, so that it can be killed. */
export interface SpawnedServer {
  readonly url: string;
  readonly port: number;
  readonly jwtSecret: string;
  readonly storage: TestStorage;
  readonly pid: number;
  /** The last of what it wrote. */
  output(): string;
  /** Ends it at once, as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop (SIGTERM) and waits; returns the exit code or the signal that ended it. */
  stop(): Promise<number | NodeJS.Signals>;
  /** Starts it again on the same port and data, and waits until it is ready. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export interface SpawnOptions {
  /** Settings by their environment names; of the caller's own environment only Node's cache reaches the server. */
  env?: Record<string, string>;
  storage?: TestStorage;
  /** Program to run instead of the realtime server alone, from the root of the repository. */
  file?: string;
  /** Command that starts the program, in place of this Node. */
  launcher?: readonly string[];
  readyTimeoutMs?: number;
}

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Starts `npm run serve` as a child without npm in between, and waits until `/readyz` says yes. */
export async function spawnServer(options: SpawnOptions = {}): Promise<SpawnedServer> {
  const storage = options.storage ?? (await createTestStorage());
  const port = await findFreePort();
  const jwtSecret = options.env?.JWT_SECRET ?? randomBytes(32).toString("hex");
  const url = `http://127.0.0.1:${port}`;
  const compileCache = process.env.NODE_COMPILE_CACHE;
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
    ...(compileCache ? { NODE_COMPILE_CACHE: compileCache } : {}),
    HOST: "127.0.0.1",
    PORT: String(port),
    DATA_DIR: storage.dataDir,
    ...(storage.databaseUrl ? { DATABASE_URL: storage.databaseUrl } : {}),
    JWT_SECRET: jwtSecret,
    ...options.env,
  };
  const file = options.file ?? "packages/server/src/main.ts";
  const launch = () => launchServer([...(options.launcher ?? [process.execPath]), file], env);
  let running = launch();
  const ready = () => waitUntilReady(running, url, options.readyTimeoutMs ?? 30_000);
  await ready();
  return {
    url,
    port,
    jwtSecret,
    storage,
    get pid() {
      return running.child.pid ?? 0;
    },
    output: () => running.output(),
    async kill() {
      running.child.kill("SIGKILL");
      await waitForExit(running.child);
    },
    async stop() {
      await stopChild(running.child, "SIGTERM", 20_000);
      return waitForExit(running.child);
    },
    async start() {
      running = launch();
      await ready();
    },
    async remove() {
      await stopChild(running.child, "SIGKILL", 5_000);
      await storage.remove();
    },
  };
}

interface Launched {
  child: ChildProcess;
  output: () => string;
}

function launchServer([program = process.execPath, ...args]: readonly string[], env: Record<string, string>): Launched {
  const child = spawn(program, args, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const reap = () => child.kill("SIGKILL");
  process.once("exit", reap);
  child.once("exit", () => process.off("exit", reap));
  return { child, output: collectOutput(child) };
}

async function waitUntilReady(running: Launched, url: string, timeoutMs: number): Promise<void> {
  let ended = false;
  running.child.once("exit", () => {
    ended = true;
  });
  try {
    await eventually(
      async () => {
        if (ended) return;
        const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
        if (!answer.ok) throw new Error(`/readyz answers ${answer.status}`);
      },
      { timeoutMs, intervalMs: 50 },
    );
  } catch (error) {
    throw new Error(`the server did not become ready:\n${running.output()}`, { cause: error });
  }
  if (ended) throw new Error(`the server ended while starting:\n${running.output()}`);
}
