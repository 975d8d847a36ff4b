import type { Session } from "../../access/session.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { RevocationReason, RevocationRow, RevocationStore } from "./revocations.store.ts";

/** Half of the second within which a revoked connection is closed on every node. */
const pollMs = 500;
/** Numbers are given before the commit, so one below the newest may still appear; this many are looked at again. */
const overlap = 200;
/** A handshake that was under way when its session was revoked is caught by a later round. */
const repeatMs = 3_000;
const keptDays = 30;

export type CloseWhere = (isRevoked: (session: Session) => boolean) => void;

interface Revoked {
  userId: string;
  issuerSessionId: string | undefined;
  seenAt: number;
}

export interface RevocationsOptions {
  store: RevocationStore;
  clock: Clock;
  log: Logger;
  /** Closes the live connections of this node that the predicate picks. */
  close: CloseWhere;
}

/** Closes live connections whose session was ended, on whatever node it was ended. */
export class Revocations {
  readonly #options: RevocationsOptions;
  readonly #seen = new Map<number, Revoked>();
  #cursor = 0;
  #timer: Timer | undefined;
  #polling: Promise<void> | undefined;

  constructor(options: RevocationsOptions) {
    this.#options = options;
  }

  /** Begins at the newest row: older ones are checked when a token is. */
  async start(): Promise<void> {
    const { store, clock } = this.#options;
    await store.forgetOlderThan(keptDays);
    for (const row of await store.listNewest(overlap)) this.#take(row, Number.NEGATIVE_INFINITY);
    this.#timer = clock.every(pollMs, () => void this.poll());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#polling;
  }

  /** Ends one sign-in session, or with `issuerSessionId` undefined everything of a user, on every node. */
  async revoke(subject: {
    userId: string;
    issuerSessionId: string | undefined;
    reason: RevocationReason;
  }): Promise<void> {
    await this.#options.store.add(subject);
    await this.poll();
  }

  /** Reads what is new and closes what it names; calls that overlap share one round. Never rejects. */
  poll(): Promise<void> {
    this.#polling ??= this.#round().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #round(): Promise<void> {
    const { store, clock, log } = this.#options;
    try {
      for (const row of await store.listAfter(this.#cursor - overlap)) this.#take(row, clock.monotonicMs());
    } catch (error) {
      log.warn({ err: error }, "unable to read revocations; the next round tries again");
    }
    const now = clock.monotonicMs();
    const recent = [...this.#seen.values()].filter((revoked) => now - revoked.seenAt <= repeatMs);
    if (recent.length > 0) this.#options.close((session) => recent.some((revoked) => isOf(session, revoked)));
    for (const [id, revoked] of this.#seen) {
      if (id <= this.#cursor - overlap && now - revoked.seenAt > repeatMs) this.#seen.delete(id);
    }
  }

  #take(row: RevocationRow, seenAt: number): void {
    if (this.#seen.has(row.id)) return;
    this.#seen.set(row.id, {
      userId: row.user_id,
      issuerSessionId: row.issuer_session_id ?? undefined,
      seenAt,
    });
    this.#cursor = Math.max(this.#cursor, row.id);
  }
}

function isOf(session: Session, revoked: Revoked): boolean {
  if (session.userId !== revoked.userId) return false;
  return revoked.issuerSessionId === undefined || session.issuerSessionId === revoked.issuerSessionId;
}
