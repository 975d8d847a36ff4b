import { limits } from "@mirage/protocol";
import { createTestStorage, eventually, type SpawnedServer, spawnServer } from "@mirage/testing";
import type { LoadReport } from "../bench/load/orders.ts";
import { type Generator, startGenerator } from "../bench/load/start-generator.ts";
import { readRss } from "../bench/machine/processes.ts";
import { readMetrics } from "../bench/machine/read-metrics.ts";
import { quantilesOf } from "../bench/quantiles.ts";
import { type Check, check, checkViolations, type Fault, type FaultOptions, type FaultRun } from "./fault.ts";
import { judgeGuests, settleGuests } from "./judge-guests.ts";
import { RoomGuest } from "./room-guest.ts";
import { unlimited } from "./unlimited.ts";

/**
 * What everybody is sent: the network's own buffers take some MB before the server feels that nobody reads, and it must
 * feel that long before the heartbeat does. Fewer messages are longer ones.
 */
const bytesPerSecond = 400_000;
/** Of a message, beside its text. */
const frameBytes = 320;
const minContentBytes = 80;
const maxContentBytes = limits.messageCodePoints;
const senders = 20;
const sampledReaders = 50;
const maxP99Ms = 100;
const maxGrowthMb = 5;
const rssEveryMs = 50;
/** A reader that takes nothing for ten seconds is cut; looked at once a second. */
const cutWithinMs = 15_000;
const homeWithinMs = 60_000;
/** Nobody is told to start afresh: who comes back is owed everything. */
const maxMissed = 100_000;
const atOnce = 25;

/** The same load twice; the second time some of those who listen stop reading. */
export const stuckReaders: Fault = {
  summary: "100 clients stop reading in a busy room: cut in bounded memory, delaying nobody, whole afterwards",
  defaults: { database: "postgres", messagesPerSecond: 200, seconds: 20, sockets: 300, clients: 100 },
  async run(run) {
    const storage = await createTestStorage(run.options.database);
    const env = { ...unlimited, CATCH_UP_LIMIT: String(maxMissed) };
    const server = await spawnServer({ storage, env, readyTimeoutMs: 90_000 });
    const generator = startGenerator({ cores: undefined, onProgress: () => undefined });
    try {
      const scene = await Scene.open(run, server, generator);
      const before = await scene.load();
      run.say(`everybody reads: ${describe(before)}`);
      const stuck = await scene.loadWithStuckReaders();
      run.say(`${run.options.clients} stuck: ${describe(stuck.report)}`);
      await scene.bringBack();
      run.say("they read again");
      const returned = checkReturn(scene.guests);
      for (const guest of scene.guests) guest.stop();
      await generator.stop();
      const exit = await server.stop();
      const checks = [
        ...checkCut(stuck, run.options),
        checkDelay(before, stuck.report),
        check("the others get everything, in order", isWhole(stuck.report), describe(stuck.report)),
        ...returned,
        checkViolations(await judgeGuests(storage, scene.guests), `${scene.messageCount} messages to each who was cut`),
        check("a planned stop ends well", exit === 0, `exit ${exit}`),
      ];
      return { clients: scene.guests, serverOutputs: [server.output()], checks };
    } finally {
      await generator.stop();
      await server.remove();
    }
  },
};

/** A load, with what the server's memory and counters said about the stuck readers meanwhile. */
interface Stuck {
  report: LoadReport;
  rssBeforeBytes: number;
  rssPeakBytes: number;
  /** By the server's own count. */
  cutCount: number;
}

class Scene {
  readonly guests: readonly RoomGuest[];
  readonly #run: FaultRun;
  readonly #server: SpawnedServer;
  readonly #generator: Generator;
  messageCount = 0;

  private constructor(run: FaultRun, server: SpawnedServer, parts: { generator: Generator; guests: RoomGuest[] }) {
    this.#run = run;
    this.#server = server;
    this.#generator = parts.generator;
    this.guests = parts.guests;
  }

  /** Fills the room: the members of the load, and among them those who will stop reading. */
  static async open(run: FaultRun, server: SpawnedServer, generator: Generator): Promise<Scene> {
    const { port, jwtSecret } = server;
    const contentBytes = lengthOfContent(run.options.messagesPerSecond);
    const shape = { rooms: 1, membersPerRoom: run.options.sockets, senders, contentBytes, sampledReaders };
    const { roomIds, connections } = await generator.open({ port, jwtSecret, shape });
    if (connections < run.options.sockets) throw new Error(`only ${connections} members have connected`);
    const guests = Array.from({ length: run.options.clients }, (_, index) => {
      const name = `stuck-${index + 1}`;
      return new RoomGuest({ name, roomId: roomIds[0] ?? "", server, waitMs: () => run.random.between(0, 2_000) });
    });
    await inSets(guests, (guest) => guest.enter());
    run.say(`${connections} members and ${guests.length} who will stop reading have the room open`);
    return new Scene(run, server, { generator, guests });
  }

  async load(): Promise<LoadReport> {
    const { messagesPerSecond, seconds } = this.#run.options;
    const report = await this.#generator.load({
      load: { messagesPerSecond, warmUpSeconds: 2, seconds },
      isBlind: false,
      hasPositions: true,
      watch: { server: this.#server.pid },
    });
    this.messageCount += report.acked;
    return report;
  }

  async loadWithStuckReaders(): Promise<Stuck> {
    await this.#connectAfresh();
    const rssBeforeBytes = readRss(this.#server.pid);
    let rssPeakBytes = rssBeforeBytes;
    const sampling = setInterval(() => {
      rssPeakBytes = Math.max(rssPeakBytes, readRss(this.#server.pid));
    }, rssEveryMs);
    for (const guest of this.guests) guest.stopReading();
    try {
      const report = await this.load();
      const isAllCut = async () => (await this.#countCut()) >= this.guests.length;
      await eventually(isAllCut, { timeoutMs: cutWithinMs, intervalMs: 500 }).catch(() => undefined);
      return { report, rssBeforeBytes, rssPeakBytes, cutCount: await this.#countCut() };
    } finally {
      clearInterval(sampling);
    }
  }

  /** Lets them read again, some at a time, until they have everything. */
  async bringBack(): Promise<void> {
    // The end of the old connection comes behind all that the network still had for it.
    await inSets(this.guests, async (guest) => {
      const { linkCount } = guest;
      guest.readOn();
      const isBack = () => guest.isReady && guest.linkCount > linkCount;
      // Who does not come back is counted afterwards.
      await eventually(isBack, { timeoutMs: homeWithinMs }).catch(() => undefined);
    });
    await settleGuests(this.guests, homeWithinMs);
  }

  /** The network gives a connection that has read much ever larger buffers; those of a new one fill within the load. */
  async #connectAfresh(): Promise<void> {
    for (const guest of this.guests) guest.drop();
    await settleGuests(this.guests, homeWithinMs);
  }

  async #countCut(): Promise<number> {
    return (await readMetrics(this.#server.port)).get("mirage_slow_consumer_disconnects_total") ?? 0;
  }
}

function lengthOfContent(messagesPerSecond: number): number {
  const bytes = Math.round(bytesPerSecond / messagesPerSecond) - frameBytes;
  return Math.max(minContentBytes, Math.min(maxContentBytes, bytes));
}

/** So many at a time, so that a small machine keeps up. */
async function inSets(guests: readonly RoomGuest[], work: (guest: RoomGuest) => Promise<void>): Promise<void> {
  for (let start = 0; start < guests.length; start += atOnce) {
    await Promise.all(guests.slice(start, start + atOnce).map(work));
  }
}

function checkCut({ rssBeforeBytes, rssPeakBytes, cutCount }: Stuck, { clients }: FaultOptions): Check[] {
  const grownMb = (rssPeakBytes - rssBeforeBytes) / 1e6;
  const eachMb = grownMb / clients;
  const figures = `${eachMb.toFixed(2)} MB each, ${Math.round(grownMb)} MB in all from ${Math.round(rssBeforeBytes / 1e6)} MB`;
  return [
    check("every stuck reader is cut as a slow consumer", cutCount === clients, `${cutCount} of ${clients}`),
    check(`the server grows by at most ${maxGrowthMb} MB for each`, eachMb <= maxGrowthMb, figures),
  ];
}

/** A machine that is too slow for the load with everybody reading says nothing about those who do not. */
function checkDelay(before: LoadReport, during: LoadReport): Check {
  const [without, withStuck] = [p99Of(before), p99Of(during)];
  const isOk = withStuck <= maxP99Ms || without > maxP99Ms;
  const figures = `p99 ${withStuck} ms, ${without} ms while everybody read`;
  return { ...check(`stuck readers do not delay the others beyond ${maxP99Ms} ms`, isOk, figures), isTiming: true };
}

function checkReturn(guests: readonly RoomGuest[]): Check[] {
  const sum = (count: (guest: RoomGuest) => number) => guests.reduce((total, guest) => total + count(guest), 0);
  const repeatedCount = sum((guest) => guest.repeatedCount);
  const backCount = guests.filter(({ isReady }) => isReady).length;
  const afreshCount = sum((guest) => guest.resetCount);
  return [
    check("nothing is shown twice to those who come back", repeatedCount === 0, `${repeatedCount} repeated`),
    check(
      "they come back and are told what they missed",
      backCount === guests.length && afreshCount === 0,
      `${backCount} back, ${afreshCount} told to start afresh`,
    ),
  ];
}

function isWhole({ delivered, expected, violations, failures }: LoadReport): boolean {
  return delivered === expected && expected > 0 && violations === 0 && Object.keys(failures).length === 0;
}

function p99Of({ latenciesMs }: LoadReport): number {
  return quantilesOf([latenciesMs])?.p99 ?? Number.POSITIVE_INFINITY;
}

function describe(report: LoadReport): string {
  const problems = Object.entries(report.failures).map(([what, count]) => `, ${count} × ${what}`);
  const delivered = `${report.delivered} of ${report.expected} delivered`;
  return `${report.acked} sent, ${delivered}, p99 ${p99Of(report)} ms${problems.join("")}`;
}
