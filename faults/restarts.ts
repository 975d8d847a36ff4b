import { createTestStorage, eventually, pause, type SpawnedServer, spawnServer } from "@mirage/testing";
import { inParallel } from "../bench/load/in-parallel.ts";
import { check, checkViolations, type Fault, type FaultRun } from "./fault.ts";
import { judgeGuests, settleGuests } from "./judge-guests.ts";
import { makeRooms } from "./make-rooms.ts";
import { RoomGuest } from "./room-guest.ts";
import { unlimited } from "./unlimited.ts";

const membersPerRoom = 50;
const entersAtOnce = 50;
/** Everyone comes back at a random moment within this, and tries again within half of it. */
const jitterMs = 2_000;
const homeWithinMs = 90_000;
const tickMs = 10;

/** A server that is restarted again and again under a crowd that talks. */
export const restarts: Fault = {
  summary: "kill -9 and restart under 500 clients in rooms of 50 who talk, ten times",
  defaults: { database: "postgres", clients: 500, kills: 10, messagesPerSecond: 100 },
  async run(run) {
    const { options, random, say } = run;
    const storage = await createTestStorage(options.database);
    const server = await spawnServer({ storage, env: unlimited, readyTimeoutMs: 90_000 });
    try {
      const guests = await fillRooms(run, server);
      say(`${guests.length} clients are in their rooms`);
      const talk = new Talking(guests, run);
      const restarted: Restarted[] = [];
      for (let kill = 1; kill <= options.kills; kill++) {
        await pause(random.between(500, 2_000));
        const one = await restart(server, guests);
        restarted.push(one);
        say(`restart ${kill} of ${options.kills}: ${describe(one)}`);
      }
      talk.stop();
      await settleGuests(guests, homeWithinMs);
      const unanswered = guests.reduce((sum, { pendingCount }) => sum + pendingCount, 0);
      const refused = guests.reduce((sum, { refusedCount }) => sum + refusedCount, 0);
      for (const guest of guests) guest.stop();
      const exit = await server.stop();
      const sum = (count: (one: Restarted) => number) => restarted.reduce((total, one) => total + count(one), 0);
      return {
        clients: guests,
        serverOutputs: [server.output()],
        checks: [
          check("everybody is back after each restart", sum(({ awayCount }) => awayCount) === 0, backOf(restarted)),
          check("nothing that was acknowledged is lost", sum(({ lostCount }) => lostCount) === 0),
          check("nothing is shown twice", sum(({ twiceCount }) => twiceCount) === 0),
          checkViolations(
            await judgeGuests(storage, guests),
            `${talk.sentCount} sent, ${restarted.at(-1)?.ackedCount ?? 0} acknowledged before the last restart`,
          ),
          check(
            "everything sent is acknowledged in the end",
            unanswered === 0 && refused === 0,
            `${unanswered} unanswered, ${refused} refused`,
          ),
          check("a planned stop ends well", exit === 0, `exit ${exit}`),
        ],
      };
    } finally {
      await server.remove();
    }
  },
};

async function fillRooms({ options, random }: FaultRun, server: SpawnedServer): Promise<RoomGuest[]> {
  const roomIds = await makeRooms(server, Math.ceil(options.clients / membersPerRoom));
  const guests = Array.from({ length: options.clients }, (_, index) => {
    const roomId = roomIds[index % roomIds.length] ?? "";
    const waitMs = (attempt: number) => random.between(0, attempt === 1 ? jitterMs : jitterMs / 2);
    return new RoomGuest({ name: `guest-${index + 1}`, roomId, server, waitMs });
  });
  await inParallel(guests, { atOnce: entersAtOnce, work: (guest) => guest.enter() });
  await settleGuests(guests, homeWithinMs);
  return guests;
}

/** Somebody says something, evenly at a rate, whether the server is there or not. */
class Talking {
  readonly #timer: NodeJS.Timeout;
  sentCount = 0;

  constructor(guests: readonly RoomGuest[], { options, random }: FaultRun) {
    const startedMs = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - startedMs) / 1_000) * options.messagesPerSecond;
      while (this.sentCount < due) random.pick(guests).send(`message ${++this.sentCount}`);
    }, tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** One restart, as the clients saw it. */
interface Restarted {
  upMs: number;
  /** From the moment it listens until everybody has all that they missed. */
  backMs: number;
  awayCount: number;
  /** Acknowledged before, and not shown to somebody in the room. */
  lostCount: number;
  twiceCount: number;
  ackedCount: number;
}

async function restart(server: SpawnedServer, guests: readonly RoomGuest[]): Promise<Restarted> {
  const countTwice = () => guests.reduce((sum, { repeatedCount }) => sum + repeatedCount, 0);
  const twiceBefore = countTwice();
  await server.kill();
  const killedMs = performance.now();
  const acked = guests.flatMap(({ roomId, acked: ids }) => [...ids].map((id) => ({ roomId, id })));
  await server.start();
  const upAtMs = performance.now();
  const isAllBack = () => guests.every(({ isReady }) => isReady);
  await eventually(isAllBack, { timeoutMs: homeWithinMs, intervalMs: 5 }).catch(() => undefined);
  const backMs = performance.now() - upAtMs;
  const inRoom = Map.groupBy(guests, ({ roomId }) => roomId);
  const missing = ({ roomId, id }: { roomId: string; id: string }) =>
    (inRoom.get(roomId) ?? []).filter(({ seen }) => !seen.has(id)).length;
  return {
    upMs: upAtMs - killedMs,
    backMs,
    awayCount: guests.filter(({ isReady }) => !isReady).length,
    lostCount: acked.reduce((sum, one) => sum + missing(one), 0),
    twiceCount: countTwice() - twiceBefore,
    ackedCount: acked.length,
  };
}

function describe({ upMs, backMs, awayCount, lostCount, twiceCount, ackedCount }: Restarted): string {
  const away = awayCount > 0 ? `${awayCount} NOT back` : `all back ${(backMs / 1_000).toFixed(2)} s later`;
  const figures = `${ackedCount} acknowledged before it, ${lostCount} lost, ${twiceCount} twice`;
  return `up after ${(upMs / 1_000).toFixed(2)} s, ${away}; ${figures}`;
}

function backOf(restarted: readonly Restarted[]): string {
  const seconds = restarted.map(({ backMs }) => backMs / 1_000).sort((a, b) => a - b);
  const middle = seconds[seconds.length >> 1] ?? 0;
  return `${middle.toFixed(2)} s after it listens, longest ${(seconds.at(-1) ?? 0).toFixed(2)} s`;
}
