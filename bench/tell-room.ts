import { setTimeout as pause } from "node:timers/promises";
import type { BenchRun } from "./bench-run.ts";
import { limitedBy } from "./limited-by.ts";
import type { LoadReport, OpenReport } from "./load/orders.ts";
import { type Generator, startGenerator } from "./load/start-generator.ts";
import type { Trial } from "./outcome.ts";
import { type Peer, startPeer } from "./peers/peer.ts";
import { median, quantilesOf, round } from "./quantiles.ts";
import { type Contender, labelOf, type TellRoom } from "./workload.ts";

/** Everybody who went has been gone for so long that nobody is told of it any more. */
const settleMs = 8_000;
const quickSettleMs = 1_000;
const quickMembers = 1_000;
const quickSeconds = 4;
const hearWithinMs = 30_000;

/** The same talk in quiet rooms twice: by itself, and while a host tells everybody in a large room, one time after the other. */
export async function runTellRoom(workload: TellRoom, contender: Contender, bench: BenchRun): Promise<Trial> {
  const peer = await startPeer(contender, { places: bench.places });
  const onProgress = (line: string): void => bench.progress(`${labelOf(contender)}: ${line}`);
  const start = (): Generator => startGenerator({ cores: bench.places.generator, onProgress });
  const [quiet, crowd] = [start(), start()];
  try {
    const { port, jwtSecret } = peer;
    const { shape, load } = workload.quiet;
    const opened = await quiet.open({ port, jwtSecret, shape });
    const members = bench.isQuick ? Math.min(quickMembers, workload.members) : workload.members;
    const firstUser = shape.rooms * shape.membersPerRoom;
    const hall = { rooms: 1, membersPerRoom: members, senders: 0, contentBytes: 80, sampledReaders: 0 };
    const gathered = await crowd.open({ port, jwtSecret, shape: hall, firstUser });
    if (!workload.areThere) await crowd.stop();
    await pause(bench.isQuick ? quickSettleMs : settleMs);
    const seconds = bench.seconds ?? (bench.isQuick ? quickSeconds : load.seconds);
    const watch = { server: peer.pid, ...(bench.postgresPid === undefined ? {} : { postgres: bench.postgresPid }) };
    const order = { load: { ...load, seconds }, isBlind: false, hasPositions: true, watch };
    const alone = await quiet.load(order);
    const teller = new Teller(peer, {
      roomId: gathered.roomIds[0] ?? "",
      crowd: workload.areThere ? crowd : undefined,
    });
    const telling = teller.tellUntil(performance.now() + 1_000 * (load.warmUpSeconds + seconds));
    // It fails the trial below, after the quiet rooms have come to their end.
    telling.catch(() => undefined);
    const meanwhile = await quiet.load(order);
    await telling;
    return {
      fixed: undefined,
      fixedLimitedBy: limitedBy(meanwhile.span, bench.places),
      ramp: [],
      figures: { ...figuresOf({ alone, meanwhile }), ...teller.figures(members) },
      problems: problemsOf([opened, gathered, alone, meanwhile]),
    };
  } catch (error) {
    throw new Error(`${labelOf(contender)} broke off; it said last:\n${peer.output()}`, { cause: error });
  } finally {
    await Promise.all([quiet.stop(), crowd.stop()]);
    await peer.remove();
  }
}

/** A back end that tells a room by `POST /rooms/:roomId/notifications`, which is `sendRoomNotification`. */
class Teller {
  readonly #peer: Peer;
  readonly #roomId: string;
  /** Those who hear it; undefined where nobody is there. */
  readonly #crowd: Generator | undefined;
  readonly #storedMs: number[] = [];
  readonly #heardMs: number[] = [];
  #toldCount = 0;
  #missingCount = 0;

  constructor(peer: Peer, { roomId, crowd }: { roomId: string; crowd: Generator | undefined }) {
    this.#peer = peer;
    this.#roomId = roomId;
    this.#crowd = crowd;
  }

  async tellUntil(endMs: number): Promise<void> {
    while (performance.now() < endMs) await this.#tell();
  }

  figures(members: number): Record<string, number> {
    // Whoever made the room is in it, too.
    const untold = this.#storedMs.length * (members + 1) - this.#toldCount;
    const tookMs = this.#crowd ? this.#heardMs : this.#storedMs;
    return {
      "times told": this.#storedMs.length,
      "s until all are told": round(median(tookMs) / 1_000),
      "s until all are told, longest": round(Math.max(...tookMs) / 1_000),
      "not told": untold + this.#missingCount,
    };
  }

  async #tell(): Promise<void> {
    const startedAtMs = Date.now();
    const heard = this.#crowd?.hear({ timeoutMs: hearWithinMs });
    const count = await this.#ask();
    this.#storedMs.push(Date.now() - startedAtMs);
    this.#toldCount += count;
    if (!heard) return;
    const { atMs, missing } = await heard;
    this.#heardMs.push(Math.max(atMs, startedAtMs) - startedAtMs);
    this.#missingCount += missing;
  }

  async #ask(): Promise<number> {
    const { port, apiKey } = this.#peer;
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/rooms/${this.#roomId}/notifications`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "To everybody", content: "in this room", type: "system" }),
    });
    if (!answer.ok) throw new Error(`telling the room was answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { count: number }).count;
  }
}

function figuresOf({ alone, meanwhile }: Record<"alone" | "meanwhile", LoadReport>): Record<string, number> {
  const [before, after] = [alone, meanwhile].map(({ latenciesMs }) => quantilesOf([latenciesMs])?.p99);
  const missing = [alone, meanwhile].reduce((sum, { expected, delivered }) => sum + expected - delivered, 0);
  return {
    ...(before && after ? { "chat p99 ms before": before, "chat p99 ms meanwhile": after } : {}),
    ...(before && after ? { "times as long": round(after / before) } : {}),
    "missing in quiet rooms": missing + alone.violations + meanwhile.violations,
  };
}

function problemsOf(reports: readonly (OpenReport | LoadReport)[]): Record<string, number> {
  const problems: Record<string, number> = {};
  for (const { failures } of reports) {
    for (const [what, count] of Object.entries(failures)) problems[what] = (problems[what] ?? 0) + count;
  }
  return problems;
}
