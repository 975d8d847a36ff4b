import { leaveFormats } from "@mirage/protocol/leave-formats";
import * as Y from "yjs";
import { runAtOnce, type Steps, type TimeSlices } from "../../lib/time-slices.ts";
import { cutUpdate, weightOf } from "./gate/cut-update.ts";
import { readingUpdate, structsOfStep, type UpdateOutline } from "./gate/read-update.ts";

/** A fault that must not happen: the gate has let something pass that Yjs could not apply. */
export class BrokenCopy extends Error {
  override readonly name = "BrokenCopy";
}

/** What is no more work than this is done in one step. */
const lightWeight = 4 * structsOfStep;
/** Small updates in a row are one transaction, which costs as much as many of them. */
const smallBytes = 512;
const maxTogether = structsOfStep;

/** An update that is stored; `userId` is whoever sent it, where that is still to be told. */
export interface StoredUpdate {
  update: Uint8Array;
  userId?: string;
}

export interface IntakeOptions {
  waiting: readonly StoredUpdate[];
  /** Without, all is applied in the tick in which it comes. */
  slices: TimeSlices | undefined;
  /** Called for each client of an update that says who sent it. */
  onWritten: (client: number, userId: string) => void;
}

/**
 * Takes updates into a Yjs document in the order in which they come, large ones in slices, so that one of hundreds of
 * kilobytes does not stop the thread for a second. Whoever wants the document as it is `finish`es what is left; whoever can
 * wait until it has settled holds nothing up.
 */
export class Intake {
  readonly #doc: Y.Doc;
  readonly #options: IntakeOptions;
  #waiting: StoredUpdate[];
  /** The first of them that has not been applied. */
  #next = 0;
  #current: Steps<void> | undefined;
  #running: Promise<void> | undefined;
  #fault: unknown;

  /** Whatever it takes has passed the gate once. @throws BrokenCopy without `slices` */
  constructor(doc: Y.Doc, options: IntakeOptions) {
    this.#doc = doc;
    this.#options = options;
    this.#waiting = [...options.waiting];
    doc.on("afterTransaction", leaveFormats);
    if (!options.slices) this.finish();
  }

  get isEmpty(): boolean {
    return this.#next === this.#waiting.length;
  }

  /** Something could not be applied, and the document is of no use. */
  get isBroken(): boolean {
    return this.#fault !== undefined;
  }

  /** What is small is applied at once where nothing is before it. @throws BrokenCopy */
  add(update: StoredUpdate): void {
    const isAlone = this.isEmpty;
    this.#waiting.push(update);
    if (!this.#options.slices) this.finish();
    else if (isAlone && update.update.length <= smallBytes) this.#step();
  }

  /** Undefined where everything has been applied; else resolves when it has been. @throws BrokenCopy */
  settling(): Promise<void> | undefined {
    if (this.isEmpty && !this.#fault) return undefined;
    this.#running ??= this.#settle().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Applies what is left, in one go. @throws BrokenCopy */
  finish(): void {
    if (this.#fault) throw this.#fault;
    if (!this.isEmpty) runAtOnce(this.#work());
  }

  async #settle(): Promise<void> {
    await this.#options.slices?.run(this.#work());
    this.finish();
  }

  *#work(): Steps<void> {
    while (!this.isEmpty) {
      this.#step();
      yield;
    }
  }

  /** Slices and whoever finishes share what is under way. */
  #step(): void {
    try {
      if (this.#fault) throw this.#fault;
      const small = this.#current ? [] : this.#readSmall();
      if (small.length > 0) this.#applySmall(small);
      else this.#goOn();
    } catch (cause) {
      this.#fault = cause instanceof BrokenCopy ? cause : new BrokenCopy("an update could not be applied", { cause });
      throw this.#fault;
    }
  }

  #goOn(): void {
    const next = this.#waiting[this.#next];
    if (next) this.#current ??= this.#take(next);
    if (!this.#current?.next().done) return;
    this.#current = undefined;
    this.#done(1);
  }

  *#take(stored: StoredUpdate): Steps<void> {
    const { update } = stored;
    const outline = yield* readingUpdate(update, { isTrusted: true });
    this.#tell(stored, outline);
    const { store } = this.#doc;
    for (const piece of cutUpdate(update, outline, (client) => Y.getState(store, client))) {
      this.#apply([piece]);
      yield;
    }
  }

  /** Those of the next that are little work together. */
  #readSmall(): UpdateOutline[] {
    const outlines: UpdateOutline[] = [];
    let weight = 0;
    for (const { update } of this.#waiting.slice(this.#next, this.#next + maxTogether)) {
      if (update.length > smallBytes) break;
      const outline = runAtOnce(readingUpdate(update, { isTrusted: true }));
      weight += weightOf(outline);
      if (weight > lightWeight) break;
      outlines.push(outline);
    }
    return outlines;
  }

  #applySmall(outlines: readonly UpdateOutline[]): void {
    const small = this.#waiting.slice(this.#next, this.#next + outlines.length);
    outlines.forEach((outline, at) => {
      const stored = small[at];
      if (stored) this.#tell(stored, outline);
    });
    this.#apply(small.map(({ update }) => update));
    this.#done(small.length);
  }

  #tell({ userId }: StoredUpdate, { sections }: UpdateOutline): void {
    if (userId !== undefined) for (const { client } of sections) this.#options.onWritten(client, userId);
  }

  #apply(updates: readonly Uint8Array[]): void {
    this.#doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.#doc, update);
    });
    const { pendingStructs, pendingDs } = this.#doc.store;
    if (pendingStructs !== null || pendingDs !== null) throw new BrokenCopy("an update has a hole");
  }

  #done(count: number): void {
    this.#next += count;
    if (!this.isEmpty) return;
    this.#waiting = [];
    this.#next = 0;
  }
}
