import { limits } from "@mirage/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { PersonWrite } from "./presence.store.ts";

/** People of one statement. */
const maxBatch = 1_000;
/** A database that failed is left alone for so long. */
const retryMs = 1_000;

export interface PresenceWriterOptions {
  /** Stores these people's writes together. */
  write: (writes: readonly PersonWrite[]) => Promise<void>;
  clock: Clock;
  onFault: (error: unknown) => void;
  onWritten?: () => void;
}

interface Pending extends PersonWrite {
  /** Who waits for this to be stored; only what somebody chose is waited for. */
  waiting: PromiseWithResolvers<void>[];
}

/**
 * Writes what people choose, and that they came and went: all of them together, at most once in 250 ms, the first at
 * once. Of each person only the newest waits. That somebody came or went is tried again until it is stored; what
 * somebody chose is not, because they are told.
 */
export class PresenceWriter {
  readonly #options: PresenceWriterOptions;
  #pending = new Map<string, Pending>();
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: PresenceWriterOptions) {
    this.#options = options;
  }

  /** Somebody came, went, or is in other rooms. Never fails. */
  note(write: PersonWrite): void {
    this.#add(write);
  }

  /** Resolves when it is stored. @throws what the database answered */
  async store(write: PersonWrite): Promise<void> {
    const stored = Promise.withResolvers<void>();
    this.#add(write).waiting.push(stored);
    await stored.promise;
  }

  /** Writes what waits, as far as it can be written. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    this.#timer?.cancel();
    if (this.#pending.size > 0) await this.#write();
    this.#timer?.cancel();
  }

  #add(write: PersonWrite): Pending {
    const known = this.#pending.get(write.userId);
    const pending: Pending = { ...known, ...write, waiting: known?.waiting ?? [] };
    this.#pending.set(write.userId, pending);
    this.#schedule();
    return pending;
  }

  #schedule(): void {
    if (this.#timer || this.#writing || this.#pending.size === 0) return;
    const delayMs = this.#notBeforeMs - this.#options.clock.monotonicMs();
    if (delayMs <= 0) this.#begin();
    else
      this.#timer = this.#options.clock.after(delayMs, () => {
        this.#timer = undefined;
        this.#begin();
      });
  }

  #begin(): void {
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
      this.#schedule();
    });
  }

  async #write(): Promise<void> {
    const { write, clock, onFault, onWritten } = this.#options;
    // What comes in the same tick goes along.
    await Promise.resolve();
    const batch = [...this.#pending.values()].slice(0, maxBatch);
    for (const { userId } of batch) this.#pending.delete(userId);
    let pauseMs: number = limits.presenceWindowMs;
    try {
      await write(batch);
      onWritten?.();
      for (const { waiting } of batch) for (const { resolve } of waiting) resolve();
    } catch (error) {
      onFault(error);
      pauseMs = retryMs;
      for (const failed of batch) this.#giveBack(failed, error);
    }
    this.#notBeforeMs = clock.monotonicMs() + pauseMs;
  }

  #giveBack({ waiting, choice: _, ...rest }: Pending, error: unknown): void {
    for (const { reject } of waiting) reject(error);
    const newer = this.#pending.get(rest.userId);
    this.#pending.set(rest.userId, { ...rest, ...newer, waiting: newer?.waiting ?? [] });
  }
}
