import { setTimeout as pause } from "node:timers/promises";
import type { BenchRun } from "./bench-run.ts";
import type { HomecomingReport } from "./load/orders.ts";
import { startGenerator } from "./load/start-generator.ts";
import { readMetrics } from "./machine/read-metrics.ts";
import type { Trial } from "./outcome.ts";
import { startPeer } from "./peers/peer.ts";
import { quantilesOf, round } from "./quantiles.ts";
import { type Contender, labelOf, type Restart } from "./workload.ts";

const talkMs = 2_000;

/** Kills the server under everyone, starts it again, and waits until all are back with all that they missed. */
export async function runRestart(workload: Restart, contender: Contender, bench: BenchRun): Promise<Trial> {
  const peer = await startPeer(contender, { places: bench.places });
  const onProgress = (line: string): void => bench.progress(`${labelOf(contender)}: ${line}`);
  const generator = startGenerator({ cores: bench.places.generator, onProgress });
  try {
    const { port, jwtSecret } = peer;
    const { rooms, membersPerRoom } = workload.shape;
    const { jitterMs, messagesPerSecond } = workload;
    const order = { port, jwtSecret, rooms: bench.isQuick ? 10 : rooms, membersPerRoom, messagesPerSecond, jitterMs };
    const opened = await generator.gather(order);
    await pause(talkMs);
    await peer.kill();
    await peer.start();
    const listeningAtMs = Date.now();
    // The longest stall is that since the last time it was asked for: starting is not meant.
    await readMetrics(peer.port);
    const home = await generator.finish({ listeningAtMs });
    const metrics = await readMetrics(peer.port);
    return {
      fixed: undefined,
      fixedLimitedBy: "",
      ramp: [],
      figures: { ...figuresOf(home), ...countedBy(metrics, order.rooms) },
      problems: { ...opened.failures, ...home.failures, ...(home.resets > 0 ? { "started afresh": home.resets } : {}) },
    };
  } catch (error) {
    throw new Error(`${labelOf(contender)} broke off; it said last:\n${peer.output()}`, { cause: error });
  } finally {
    await generator.stop();
    await peer.remove();
  }
}

function figuresOf(home: HomecomingReport): Record<string, number> {
  const back = quantilesOf([home.backMs]);
  return {
    "clients back": home.backMs.length,
    ...(back
      ? { "s until half are back": round(back.p50 / 1_000), "s until all are back": round(back.max / 1_000) }
      : {}),
    "attempts a client": round(home.attempts / Math.max(1, home.backMs.length)),
    "lost, twice or missing": home.away + home.violations,
    "messages acknowledged": home.acked,
    "on their way when it was killed": home.unanswered,
  };
}

/** From the server's own counters, which begin at 0 when it starts; those that it does not have are left out. */
function countedBy(metrics: ReadonlyMap<string, number>, rooms: number): Record<string, number> {
  const sum = (name: string, kinds: readonly string[]): number =>
    kinds.reduce((all, kind) => all + (metrics.get(`mirage_db_${name}_total{kind="${kind}"}`) ?? 0), 0);
  const stall = metrics.get("nodejs_eventloop_lag_max_seconds");
  const messageReads = sum("read_items", ["room_page", "room_changes"]);
  const isCounted = [...metrics.keys()].some((name) => name.startsWith("mirage_db_read_items_total"));
  const states = sum("reads", ["user_state"]);
  return {
    ...(stall === undefined ? {} : { "ms of the longest stall": round(1_000 * stall) }),
    // A kind that was never read has no line; where there is none of any kind, it is not counted.
    ...(isCounted ? { "message reads a room": round(messageReads / rooms) } : {}),
    ...(states === 0 ? {} : { "people a read": round(sum("read_items", ["user_state"]) / states) }),
  };
}
