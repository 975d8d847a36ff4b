import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createTestStorage, findFreePort, spawnServer, type TestStorage } from "@mirage/testing";
import { unlimited } from "../../faults/unlimited.ts";
import { flagsOn, nodeOn, type Places } from "../machine/cores.ts";
import type { Contender, Flood, PeerName } from "../workload.ts";

/** A server under load: a process of its own, on the server's core. */
export interface Peer {
  readonly port: number;
  readonly pid: number;
  readonly jwtSecret: string;
  /** Of back ends, over REST; only the product has any. */
  readonly apiKey: string;
  /** Where Node's inspector listens, if it was asked for. */
  readonly inspectPort: number | undefined;
  readonly databaseUrl: string | undefined;
  /** What only some can: make the messages by itself. */
  flood(flood: Flood, roomIds: readonly string[]): void;
  /** The last of what it wrote, where it is kept. */
  output(): string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export interface PeerOptions {
  places: Places;
  hasInspector?: boolean;
  /** Data that other processes have as well; whoever made it removes it. */
  shared?: { storage: TestStorage; jwtSecret: string };
}

const readyTimeoutMs = 90_000;
const keptCharacters = 20_000;
/** Nothing is said about single requests, and no limit stands in the way. */
const settings = { ...unlimited, LOG_LEVEL: "warn" };

export async function startPeer(contender: Contender, options: PeerOptions): Promise<Peer> {
  const storage = await provideStorage(contender, options);
  const inspectPort = options.hasInspector ? await findFreePort() : undefined;
  const env: Record<string, string> = {
    ...(inspectPort === undefined ? {} : { NODE_OPTIONS: `--inspect=127.0.0.1:${inspectPort}` }),
    ...(options.shared ? { JWT_SECRET: options.shared.jwtSecret } : {}),
  };
  const start = { contender, options, storage, env };
  const peer = contender.peer === "mirage" ? await startMirage(start) : await startProgram(start);
  return Object.assign(peer, { inspectPort });
}

async function provideStorage({ database }: Contender, { shared }: PeerOptions): Promise<TestStorage | undefined> {
  if (shared) return { ...shared.storage, remove: () => Promise.resolve() };
  return database === "none" ? undefined : await createTestStorage(database);
}

interface Start {
  contender: Contender;
  options: PeerOptions;
  storage: TestStorage | undefined;
  env: Record<string, string>;
}

/** The product as it is shipped. */
async function startMirage({ options, storage, env }: Start): Promise<Peer> {
  if (!storage) throw new Error("mirage needs a database: name postgres or pglite");
  const apiKey = randomBytes(32).toString("hex");
  // As `npm run serve` starts it.
  const launcher = [...nodeOn(options.places.server), "tools/run.mjs"];
  const server = await spawnServer({
    storage,
    env: { ...settings, ...env, API_KEY: apiKey },
    launcher,
    readyTimeoutMs,
  });
  return {
    port: server.port,
    jwtSecret: server.jwtSecret,
    apiKey,
    get pid() {
      return server.pid;
    },
    inspectPort: undefined,
    databaseUrl: storage.databaseUrl,
    flood: () => cannot("mirage", "make messages by itself"),
    output: server.output,
    kill: server.kill,
    start: server.start,
    remove: server.remove,
  };
}

const programs: Record<Exclude<PeerName, "mirage">, string> = {
  stock: "stock.ts",
  ws: "ws.ts",
  limit: "limit.ts",
  "mirage-transport": "mirage-transport.ts",
  hocuspocus: "../documents/hocuspocus-server.ts",
};

/** A program of this folder, which prints one line of JSON when it listens. */
async function startProgram({ contender, options, storage, env }: Start): Promise<Peer> {
  const { peer } = contender;
  if (peer === "mirage") throw new Error("mirage is started as it is shipped");
  const jwtSecret = options.shared?.jwtSecret ?? randomBytes(32).toString("hex");
  const [node, ...args] = nodeOn(options.places.server);
  const file = fileURLToPath(new URL(programs[peer], import.meta.url));
  const child = spawn(node, [...args, ...flagsOn(options.places.server), file], {
    env: {
      PATH: process.env.PATH,
      ...settings,
      ...env,
      HOST: "127.0.0.1",
      PORT: "0",
      JWT_SECRET: jwtSecret,
      ...(storage ? { DATA_DIR: storage.dataDir } : {}),
      ...(storage?.databaseUrl ? { DATABASE_URL: storage.databaseUrl } : {}),
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (text) => {
    said = `${said}${text}`.slice(-keptCharacters);
  });
  const reap = (): void => void child.kill("SIGKILL");
  process.once("exit", reap);
  const kill = async (): Promise<void> => {
    process.off("exit", reap);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const { port } = await readReady(peer, child).catch((error) => {
    throw new Error(`${error.message}\n${said}`);
  });
  return {
    port,
    pid: child.pid ?? 0,
    jwtSecret,
    apiKey: "",
    inspectPort: undefined,
    databaseUrl: storage?.databaseUrl,
    flood: (flood, roomIds) => void child.send({ ...flood, roomIds }),
    output: () => said,
    kill,
    start: () => cannot(peer, "start again on its data"),
    async remove() {
      await kill();
      await storage?.remove();
    },
  };
}

async function readReady(name: string, child: ReturnType<typeof spawn>): Promise<{ port: number }> {
  if (!child.stdout) throw new Error(`${name} has no output`);
  for await (const line of createInterface({ input: child.stdout })) {
    // Its log may come first.
    if (line.startsWith('{"port"')) return JSON.parse(line);
    console.error(`  ${name}: ${line}`);
  }
  throw new Error(`${name} ended before it was ready; it said last:`);
}

function cannot(name: string, what: string): never {
  throw new Error(`${name} cannot ${what}: leave it out of this workload`);
}
