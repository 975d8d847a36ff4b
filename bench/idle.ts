import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createTestStorage } from "@mirage/testing";
import type { BenchRun } from "./bench-run.ts";
import type { OpenReport } from "./load/orders.ts";
import { type Generator, startGenerator } from "./load/start-generator.ts";
import { readMaxOpenFiles, readRss } from "./machine/processes.ts";
import type { Trial } from "./outcome.ts";
import { type Peer, type PeerOptions, startPeer } from "./peers/peer.ts";
import { openInspector } from "./profile/inspector.ts";
import { round } from "./quantiles.ts";
import { type Contender, type Idle, labelOf } from "./workload.ts";

/** A generator has files open as well; and one address of this machine has about 28,000 ports towards one server. */
const perGenerator = 9_000;
const atOnce = 100;
/** Files that a server has open beside its connections: the database, its own log. */
const spareFiles = 500;
const quickConnections = 1_000;

/** Connects everyone, waits, and divides the memory that it took. */
export async function runIdle(workload: Idle, contender: Contender, bench: BenchRun): Promise<Trial> {
  const { settleSeconds } = workload;
  const group = await startGroup(workload, contender, bench);
  const crowd = new Crowd(group.peers, contender, bench);
  const wanted = bench.isQuick ? Math.min(quickConnections, workload.connections) : workload.connections;
  const maxOpenFiles = readMaxOpenFiles();
  const each = Math.min(Math.ceil(wanted / group.peers.length), maxOpenFiles - spareFiles);
  try {
    const beforeBytes = await readSettledRss(group.peers, settleSeconds);
    const startedMs = performance.now();
    const reports = await crowd.connect(each);
    const seconds = (performance.now() - startedMs) / 1_000;
    const connected = sumOf(reports);
    const afterBytes = await readSettledRss(group.peers, settleSeconds);
    const connections = await crowd.count();
    const problems: Record<string, number> = {};
    for (const { failures } of reports) {
      for (const [what, times] of Object.entries(failures)) problems[what] = (problems[what] ?? 0) + times;
    }
    const figures = {
      connections,
      "KB of memory each": round((afterBytes - beforeBytes) / 1_000 / Math.max(1, connections)),
      "connects/s": round(connected / seconds),
    };
    const isLimited = each * group.peers.length < wanted;
    const fixedLimitedBy = isLimited ? `open files: a process may have ${maxOpenFiles} (ulimit -n)` : "";
    return { fixed: undefined, fixedLimitedBy, ramp: [], figures, problems };
  } finally {
    await crowd.stop();
    await group.remove();
  }
}

interface Group {
  peers: readonly Peer[];
  remove(): Promise<void>;
}

/** The server, or several processes of it on one database. */
async function startGroup({ processes = 1 }: Idle, contender: Contender, bench: BenchRun): Promise<Group> {
  const options = { places: bench.places, hasInspector: true };
  if (processes === 1 || contender.database === "none") {
    const peer = await startPeer(contender, options);
    return { peers: [peer], remove: peer.remove };
  }
  const storage = await createTestStorage(contender.database);
  const shared: PeerOptions["shared"] = { storage, jwtSecret: randomBytes(32).toString("hex") };
  const peers: Peer[] = [];
  const remove = async (): Promise<void> => {
    await Promise.all(peers.map((peer) => peer.remove()));
    await storage.remove();
  };
  try {
    while (peers.length < processes) peers.push(await startPeer(contender, { ...options, shared }));
  } catch (error) {
    await remove();
    throw error;
  }
  return { peers, remove };
}

/** The processes that hold the connections, each with an address of this machine to come from. */
class Crowd {
  readonly #peers: readonly Peer[];
  readonly #generators: Generator[] = [];
  readonly #start: () => Generator;

  constructor(peers: readonly Peer[], contender: Contender, bench: BenchRun) {
    this.#peers = peers;
    const onProgress = (line: string): void => bench.progress(`${labelOf(contender)}: ${line}`);
    this.#start = () => startGenerator({ cores: bench.places.generator, onProgress });
  }

  /** Connects so many people to each server. */
  async connect(each: number): Promise<OpenReport[]> {
    const connecting: Promise<OpenReport>[] = [];
    for (const [index, { port, jwtSecret }] of this.#peers.entries()) {
      for (let done = 0; done < each; done += perGenerator) {
        const generator = this.#start();
        this.#generators.push(generator);
        const count = Math.min(perGenerator, each - done);
        const localAddress = `127.0.0.${1 + this.#generators.length}`;
        const firstUser = index * each + done;
        connecting.push(generator.connect({ port, jwtSecret, firstUser, count, atOnce, localAddress }));
      }
    }
    return await Promise.all(connecting);
  }

  /** How many are still connected. */
  async count(): Promise<number> {
    const nobody = { port: 0, jwtSecret: "", firstUser: 0, count: 0, atOnce, localAddress: "" };
    return sumOf(await Promise.all(this.#generators.map((generator) => generator.connect(nobody))));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#generators.map((generator) => generator.stop()));
  }
}

function sumOf(reports: readonly OpenReport[]): number {
  return reports.reduce((sum, { connections }) => sum + connections, 0);
}

/** Memory of all of them after what is only waiting to be collected is gone. */
async function readSettledRss(peers: readonly Peer[], settleSeconds: number): Promise<number> {
  const settled = peers.map(async ({ pid, inspectPort = 0 }) => {
    const inspector = await openInspector(inspectPort);
    for (let round = 0; round < 2; round++) {
      await pause((settleSeconds / 2) * 1_000);
      await inspector.call("HeapProfiler.collectGarbage");
    }
    inspector.close();
    return readRss(pid);
  });
  return (await Promise.all(settled)).reduce((sum, bytes) => sum + bytes, 0);
}
