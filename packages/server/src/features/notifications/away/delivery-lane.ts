import { Rounds } from "../../../lib/rounds.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Courier, Sent } from "./courier.ts";
import type { Outcome } from "./deliveries.policy.ts";
import type { ClaimedDelivery, DeliveryChannel, DeliveryStore, Settlement } from "./deliveries.store.ts";

export interface DeliveryLaneDeps {
  store: DeliveryStore;
  courier: Courier;
  clock: Clock;
  onOutcome: (channel: DeliveryChannel, outcome: Outcome) => void;
  /** How long the oldest that is due has waited, in milliseconds. */
  onLag: (channel: DeliveryChannel, lagMs: number) => void;
  onFault: (error: unknown) => void;
}

/** Sent side by side, to as many people. */
const batchSize = 16;
/** Longer than any sender takes. */
const leaseMs = 30_000;
const patrolMs = 2_500;
const settleTries = 5;

/**
 * What is due by one channel, batch after batch. It reads and settles a batch with one statement each, so the chat shares
 * the database with a few statements a second.
 */
export class DeliveryLane {
  readonly #deps: DeliveryLaneDeps;
  readonly #rounds: Rounds;

  constructor(deps: DeliveryLaneDeps) {
    this.#deps = deps;
    // After a fault the leases end by themselves: then whoever is there goes on.
    this.#rounds = new Rounds({ ...deps, everyMs: patrolMs, work: () => this.#work() });
  }

  start(): void {
    this.#rounds.start();
  }

  /** Works until nothing is due. */
  run(): void {
    void this.#rounds.run();
  }

  /** Ends after what is on its way. */
  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #work(): Promise<void> {
    const { store, courier, clock, onLag } = this.#deps;
    const { channel } = courier;
    while (this.#rounds.isOpen) {
      const nowMs = clock.now();
      const at = { now: new Date(nowMs), claimedUntil: new Date(nowMs + leaseMs) };
      const batch = await store.claim(channel, { ...at, limit: batchSize });
      const isHeldUp = batch.length > 0 && !(await this.#deliver(batch));
      const oldest = await store.oldestDueAt(channel, at.now);
      onLag(channel, oldest ? Math.max(0, nowMs - oldest.getTime()) : 0);
      // Where nothing gets through, the rest stays due until the next patrol, and goes at once when it does.
      if (batch.length < batchSize || isHeldUp) return;
    }
  }

  /** Whether anything of the batch is done with. Who is banned by now hears nothing, by no channel. */
  async #deliver(batch: readonly ClaimedDelivery[]): Promise<boolean> {
    const { courier, onOutcome } = this.#deps;
    const { allowed = [], banned = [] } = Object.groupBy(batch, ({ isBanned }) => (isBanned ? "banned" : "allowed"));
    const delivered = allowed.length > 0 ? await courier.deliver(allowed) : [];
    const sent: Sent[] = [...delivered, ...banned.map((): Sent => ({ outcome: "banned" }))];
    const settlements = [...allowed, ...banned].flatMap((delivery, at) => {
      const result = sent[at];
      if (!result) return [];
      onOutcome(courier.channel, result.outcome);
      return [this.#settlementOf(delivery, result)];
    });
    await this.#settle(settlements);
    return sent.some(({ outcome }) => outcome !== "retried");
  }

  #settlementOf(delivery: ClaimedDelivery, sent: Sent): Settlement {
    const { id, version, fromSeq } = delivery;
    const { dueAtMs, attempts = delivery.attempts, reachedIds = delivery.reachedIds, lastSeq = 0 } = sent;
    const nowMs = this.#deps.clock.now();
    return {
      id,
      version,
      isDone: dueAtMs === undefined,
      nextSeq: Math.max(lastSeq + 1, fromSeq),
      nextDueAt: new Date(nowMs),
      dueAt: new Date(dueAtMs ?? nowMs),
      attempts,
      reachedIds,
    };
  }

  async #settle(settlements: readonly Settlement[]): Promise<void> {
    let left = settlements;
    for (let tries = 0; left.length > 0 && tries < settleTries; tries++) {
      const settled = new Set(await this.#deps.store.settle(left));
      left = left.filter(({ id }) => !settled.has(id));
    }
  }
}
