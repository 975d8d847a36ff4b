import { setTimeout as pause } from "node:timers/promises";
import type { BenchRun } from "./bench-run.ts";
import { type Generator, startGenerator } from "./load/start-generator.ts";
import { readRss } from "./machine/processes.ts";
import type { Trial } from "./outcome.ts";
import { type Peer, startPeer } from "./peers/peer.ts";
import { openInspector } from "./profile/inspector.ts";
import { round } from "./quantiles.ts";
import { type Contender, type Idle, labelOf } from "./workload.ts";

/** Open files of one process may be limited to 20,000. */
const perGenerator = 9_000;
const atOnce = 100;

/** Connects everyone, waits, and divides the memory that it took. */
export async function runIdle(workload: Idle, contender: Contender, bench: BenchRun): Promise<Trial> {
  const count = bench.isQuick ? Math.min(1_000, workload.connections) : workload.connections;
  const peer = await startPeer(contender, { places: bench.places, hasInspector: true });
  const onProgress = (line: string): void => bench.progress(`${labelOf(contender)}: ${line}`);
  const generators: Generator[] = [];
  try {
    const beforeBytes = await readSettledRss(peer, workload.settleSeconds);
    const startedMs = performance.now();
    const connecting = [];
    for (let firstUser = 0; firstUser < count; firstUser += perGenerator) {
      const generator = startGenerator({ cores: bench.places.generator, onProgress });
      generators.push(generator);
      const { port, jwtSecret } = peer;
      const own = Math.min(perGenerator, count - firstUser);
      const localAddress = `127.0.0.${1 + generators.length}`;
      connecting.push(generator.connect({ port, jwtSecret, firstUser, count: own, atOnce, localAddress }));
    }
    const reports = await Promise.all(connecting);
    const seconds = (performance.now() - startedMs) / 1_000;
    const connected = reports.reduce((sum, report) => sum + report.connections, 0);
    const afterBytes = await readSettledRss(peer, workload.settleSeconds);
    const nobody = { port: peer.port, jwtSecret: peer.jwtSecret, firstUser: 0, count: 0, atOnce, localAddress: "" };
    const left = await Promise.all(generators.map((generator) => generator.connect(nobody)));
    const connections = left.reduce((sum, report) => sum + report.connections, 0);
    const problems: Record<string, number> = {};
    for (const { failures } of reports) {
      for (const [what, times] of Object.entries(failures)) problems[what] = (problems[what] ?? 0) + times;
    }
    const figures = {
      connections,
      "KB of memory each": round((afterBytes - beforeBytes) / 1_000 / Math.max(1, connections)),
      "connects/s": round(connected / seconds),
    };
    return { fixed: undefined, fixedLimitedBy: "", ramp: [], figures, problems };
  } finally {
    await Promise.all(generators.map((generator) => generator.stop()));
    await peer.remove();
  }
}

/** Memory after what is only waiting to be collected is gone. */
async function readSettledRss({ pid, inspectPort = 0 }: Peer, settleSeconds: number): Promise<number> {
  const inspector = await openInspector(inspectPort);
  for (let round = 0; round < 2; round++) {
    await pause((settleSeconds / 2) * 1_000);
    await inspector.call("HeapProfiler.collectGarbage");
  }
  inspector.close();
  return readRss(pid);
}
