/**
 * Removes what nobody needs: files that were uploaded and not used for a day, those of deleted messages and documents,
 * pictures that their document has not shown for long, and what uploads that failed or died have left. First nobody sees
 * them any more, then the bytes go, then the rows: whenever a node dies between these, another does it again.
 */
import { Rounds } from "../../lib/rounds.ts";
import type { BlobStore } from "../../ports/blob-store.ts";
import type { Clock } from "../../ports/clock.ts";
import { variants } from "./file-addresses.ts";
import { blobKey, type DueRow, type FileStore } from "./files.store.ts";
import type { Scratch } from "./scratch.ts";

export interface FileSweeperDeps {
  store: FileStore;
  blobs: BlobStore;
  scratch: Scratch;
  clock: Clock;
  /** How many are gone for good. */
  onRemoved: (count: number) => void;
  onFault: (error: unknown) => void;
}

const patrolMs = 60_000;
/** What a document shows is found by reading all that is stored of it, so there are not many at once. */
const sliceSize = 50;
/** Whoever has claimed some and has not removed them by then has died. */
const leaseMs = 10 * 60_000;
/** What a document shows is looked at so often. */
const lookMs = 7 * 24 * 3_600_000;

export class FileSweeper {
  readonly #deps: FileSweeperDeps;
  readonly #rounds: Rounds;

  constructor(deps: FileSweeperDeps) {
    this.#deps = deps;
    // What was claimed and not removed is due again when the lease is over.
    this.#rounds = new Rounds({ ...deps, everyMs: patrolMs, work: () => this.#work() });
  }

  start(): void {
    this.#rounds.start();
  }

  /** Works until nothing is due. */
  run(): Promise<void> {
    return this.#rounds.run();
  }

  /** Ends after the slice that is under way. */
  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #work(): Promise<void> {
    const { store, clock } = this.#deps;
    await store.abandonLost(new Date(clock.now()));
    while (this.#rounds.isOpen) {
      const nowMs = clock.now();
      const slice = await store.claimDue({
        now: new Date(nowMs),
        againAt: new Date(nowMs + leaseMs),
        lookAt: new Date(nowMs + lookMs),
        limit: sliceSize,
      });
      await this.#remove(slice.filter((file) => !file.is_used));
      if (slice.length < sliceSize) return;
    }
  }

  async #remove(unused: readonly DueRow[]): Promise<void> {
    const { store, blobs, scratch, onRemoved } = this.#deps;
    await blobs.remove(unused.flatMap((file) => variants.map((variant) => blobKey(file.storage_key, variant))));
    for (const file of unused) await scratch.clear(file.storage_key);
    if (unused.length > 0) await store.forget(unused.map(({ id }) => id));
    onRemoved(unused.length);
  }
}
