import { setTimeout as pause } from "node:timers/promises";
import type { BenchRun } from "./bench-run.ts";
import type { OpenReport } from "./load/orders.ts";
import { type Generator, startGenerator } from "./load/start-generator.ts";
import { readCpu } from "./machine/processes.ts";
import { readMetrics } from "./machine/read-metrics.ts";
import type { Trial } from "./outcome.ts";
import { type Peer, startPeer } from "./peers/peer.ts";
import { median, round } from "./quantiles.ts";
import { type ComeOnline, type Contender, labelOf } from "./workload.ts";

const atOnce = 100;
/** The last ones are told of within this, on a busy machine too. */
const toldWithinMs = 2_000;
/** Longer than the 5 s after which somebody counts as gone. */
const goneWithinMs = 8_000;
const quickPeople = 200;
const quickRounds = 1;

/** One coming of everybody. */
interface Coming {
  seconds: number;
  /** Of the server, until everybody has been told of. */
  cpuSeconds: number;
  /** Events about people that were handed to connections. */
  eventCount: number;
}

/**
 * People who share rooms and people who have each a room of their own come online in turn, on one server. Presence cannot
 * be switched off: those who are alone stand for that. They are read and written like everybody, with nobody to tell.
 */
export async function runComeOnline(workload: ComeOnline, contender: Contender, bench: BenchRun): Promise<Trial> {
  const peer = await startPeer(contender, { places: bench.places });
  const onProgress = (line: string): void => bench.progress(`${labelOf(contender)}: ${line}`);
  const start = (): Generator => startGenerator({ cores: bench.places.generator, onProgress });
  const people = bench.isQuick ? Math.min(quickPeople, workload.people) : workload.people;
  const rounds = bench.isQuick ? quickRounds : workload.rounds;
  const problems: Record<string, number> = {};
  const note = ({ failures }: OpenReport): void => {
    for (const [what, count] of Object.entries(failures)) problems[what] = (problems[what] ?? 0) + count;
  };
  const sharing = { firstUser: 0, comings: [] as Coming[] };
  const alone = { firstUser: people, comings: [] as Coming[] };
  const { port, jwtSecret } = peer;
  try {
    // Whoever comes for the first time is made, and so is a room: that is not what is measured.
    for (const { firstUser, membersPerRoom } of [
      { ...sharing, membersPerRoom: workload.peoplePerRoom },
      { ...alone, membersPerRoom: 1 },
    ]) {
      await withGenerator(start, async (generator) => {
        const shape = {
          rooms: people / membersPerRoom,
          membersPerRoom,
          senders: 0,
          contentBytes: 80,
          sampledReaders: 0,
        };
        note(await generator.open({ port, jwtSecret, shape, firstUser }));
      });
    }
    await pause(goneWithinMs);
    for (let round = 0; round < rounds; round++) {
      for (const { firstUser, comings } of [sharing, alone]) {
        await withGenerator(start, async (generator) =>
          comings.push(await come({ peer, generator, note }, { firstUser, count: people })),
        );
        await pause(goneWithinMs);
      }
    }
    const figures = figuresOf(sharing.comings, alone.comings);
    return { fixed: undefined, fixedLimitedBy: "", ramp: [], figures, problems };
  } catch (error) {
    throw new Error(`${labelOf(contender)} broke off; it said last:\n${peer.output()}`, { cause: error });
  } finally {
    await peer.remove();
  }
}

/** All of its connections end with it. */
async function withGenerator(start: () => Generator, work: (generator: Generator) => Promise<unknown>): Promise<void> {
  const generator = start();
  try {
    await work(generator);
  } finally {
    await generator.stop();
  }
}

interface Stage {
  peer: Peer;
  generator: Generator;
  note: (report: OpenReport) => void;
}

async function come({ peer, generator, note }: Stage, who: { firstUser: number; count: number }): Promise<Coming> {
  const { port, jwtSecret, pid } = peer;
  const [cpuBefore, eventsBefore] = [readCpu(pid).total, await countEvents(port)];
  const report = await generator.connect({ port, jwtSecret, ...who, atOnce, localAddress: "127.0.0.1" });
  note(report);
  await pause(toldWithinMs);
  return {
    seconds: report.tookMs / 1_000,
    cpuSeconds: readCpu(pid).total - cpuBefore,
    eventCount: (await countEvents(port)) - eventsBefore,
  };
}

async function countEvents(port: number): Promise<number> {
  const metrics = [...(await readMetrics(port))];
  return metrics.reduce(
    (sum, [name, count]) => (name.startsWith("mirage_presence_events_total") ? sum + count : sum),
    0,
  );
}

function figuresOf(sharing: readonly Coming[], alone: readonly Coming[]): Record<string, number> {
  const middle = (comings: readonly Coming[], pick: (coming: Coming) => number) => median(comings.map(pick));
  const secondsOf = ({ seconds }: Coming): number => seconds;
  const cpuOf = ({ cpuSeconds }: Coming): number => cpuSeconds;
  const [on, off] = [middle(sharing, secondsOf), middle(alone, secondsOf)];
  return {
    "s until all are in, sharing rooms": round(on),
    "s until all are in, each in their own": round(off),
    "times as long": round(on / off),
    "times the server's CPU": round(middle(sharing, cpuOf) / middle(alone, cpuOf)),
    "events about people": round(middle(sharing, ({ eventCount }) => eventCount)),
    "events about people, each in their own": round(middle(alone, ({ eventCount }) => eventCount)),
  };
}
