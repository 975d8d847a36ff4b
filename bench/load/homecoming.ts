import { BareLink } from "@mirage/testing/bare-link";
import { signToken } from "@mirage/testing/tokens";
import { inParallel } from "./in-parallel.ts";
import type { GatherOrder, HomecomingReport, OpenReport } from "./orders.ts";
import { Returner } from "./returner.ts";
import { Samples, Tally } from "./samples.ts";

const atOnce = 50;
const settleMs = 1_500;
const patienceMs = 60_000;
const tickMs = 10;

/** Everyone of a server that will be killed: who is back, and whether anyone missed or got anything twice. */
export class Homecoming {
  readonly #order: GatherOrder;
  readonly #returners: Returner[] = [];
  readonly #heads = new Map<string, number>();
  readonly #failures = new Tally();
  #roomIds: string[] = [];
  #backMs: number[] = [];
  #sent = 0;
  #acked = 0;
  #talking: NodeJS.Timeout | undefined;

  constructor(order: GatherOrder) {
    this.#order = order;
  }

  async gather(onProgress: (line: string) => void): Promise<OpenReport> {
    const startedMs = performance.now();
    const { port, jwtSecret, rooms, membersPerRoom, jitterMs } = this.#order;
    this.#roomIds = await this.#makeRooms(rooms);
    const failures = new Tally();
    const seats = Array.from({ length: rooms * membersPerRoom }, (_, seat) => seat);
    const work = async (seat: number): Promise<void> => {
      const returner = new Returner({
        port,
        jwtSecret,
        userId: `user-${seat}`,
        roomId: this.#roomIds[seat % rooms] ?? "",
        jitterMs: () => Math.random() * jitterMs,
        onBack: () => this.#backMs.push(Date.now()),
      });
      try {
        await returner.open();
        this.#returners.push(returner);
      } catch (error) {
        failures.add(error instanceof Error ? error.message : String(error));
      }
      if (this.#returners.length % 500 === 0) onProgress(`${this.#returners.length} of ${seats.length} in their rooms`);
    };
    await inParallel(seats, { atOnce, work });
    await pause(settleMs);
    this.#talk();
    const tookMs = performance.now() - startedMs;
    const connections = this.#returners.length;
    return { kind: "opened", roomIds: this.#roomIds, connections, failures: failures.toRecord(), tookMs };
  }

  /** Waits until everyone is back and has everything that was acknowledged to anyone. */
  async finish(listeningAtMs: number): Promise<HomecomingReport> {
    await this.#until(() => this.#returners.every(({ isBack }) => isBack));
    clearInterval(this.#talking);
    const isCaughtUp = ({ roomId, last }: Returner): boolean => last >= (this.#heads.get(roomId) ?? 0);
    await this.#until(() => this.#returners.every(isCaughtUp));
    const away = this.#returners.filter((returner) => !returner.isBack || !isCaughtUp(returner)).length;
    const sum = (pick: (returner: Returner) => number) => this.#returners.reduce((all, one) => all + pick(one), 0);
    const backMs = new Samples();
    for (const atMs of this.#backMs) backMs.add(atMs - listeningAtMs);
    return {
      kind: "home",
      backMs: backMs.toArray(),
      away,
      attempts: sum(({ attempts }) => attempts),
      violations: sum(({ violations }) => violations),
      resets: sum(({ resets }) => resets),
      acked: this.#acked,
      unanswered: this.#sent - this.#acked,
      failures: this.#failures.toRecord(),
    };
  }

  /** Goes on through the restart: whoever is connected says something, so that there is something to miss. */
  #talk(): void {
    const { messagesPerSecond } = this.#order;
    const startedMs = performance.now();
    let turn = 0;
    this.#talking = setInterval(() => {
      const due = ((performance.now() - startedMs) / 1_000) * messagesPerSecond;
      for (; turn < due; turn++) this.#say(turn);
    }, tickMs);
  }

  #say(turn: number): void {
    const sender = this.#returners[(turn * 7) % this.#returners.length];
    const payload = `{"roomId":"${sender?.roomId}","nonce":"home-${turn}","content":"message ${turn}"}`;
    const isSent = sender?.send(payload, (text) => {
      const answer: { ok: boolean; message?: { seq: number } } = JSON.parse(text);
      if (!answer.message) return this.#failures.add("refused");
      this.#acked++;
      this.#heads.set(sender.roomId, Math.max(this.#heads.get(sender.roomId) ?? 0, answer.message.seq));
    });
    if (isSent) this.#sent++;
  }

  async #makeRooms(count: number): Promise<string[]> {
    const { port, jwtSecret } = this.#order;
    const link = new BareLink({ port, token: signToken({ userId: "founder", username: "founder" }, jwtSecret) });
    await link.opened;
    const roomIds: string[] = [];
    for (let index = 1; index <= count; index++) {
      const room = { name: `Room ${index}`, type: "public" };
      roomIds.push((await link.request<{ room: { id: string } }>("create_room", room)).room.id);
    }
    link.destroy();
    return roomIds;
  }

  async #until(isDone: () => boolean): Promise<void> {
    const endMs = performance.now() + patienceMs;
    while (performance.now() < endMs && !isDone()) await pause(tickMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
