import { limits } from "@mirage/protocol";
import * as Y from "yjs";
import type { Hub } from "../../hot-path/hub.ts";
import type { TimeSlices } from "../../lib/time-slices.ts";
import { type KnownDocument, maxNesting } from "./gate/gate.ts";
import type { Id, Stretch } from "./gate/read-update.ts";
import { Intake, type StoredUpdate } from "./intake.ts";

/** A document as it was read from the database. */
export interface StoredDocument {
  /** Everything up to it is in `states`. */
  position: number;
  /** A snapshot, perhaps, and the updates after it, in order. */
  states: readonly Uint8Array[];
  clients: readonly { clientId: number; userId: string }[];
  snapshotBytes: number;
  /** Of all of `states` together, where it is known without applying them. */
  stateVector?: Uint8Array;
}

/**
 * One document as this node has it. Only what was committed is ever applied, in the order of its positions, as the hub
 * hands it on. What it was read as is applied when somebody wants to write, or lacks only some of it: whoever wants all is
 * answered a snapshot as it was stored. The gate sees what is applied; contents are of all that is known, so that whoever
 * does not wait until it has `settled` holds everybody up.
 */
export class LiveDocument implements KnownDocument {
  readonly id: string;
  readonly #applied = new Y.Doc({ gc: true });
  readonly #intake: Intake;
  readonly #owners: Map<number, string>;
  #position: number;
  #hub: Hub | undefined;
  #snapshotBytes: number;
  #pendingUpdates = 0;
  #pendingBytes = 0;
  /** Rises with each edit. */
  #edits = 0;
  #whole: { edits: number; update: Uint8Array } | undefined;
  #vector: { edits: number; bytes: Uint8Array } | undefined;

  /** `slices`: where it does what takes long; without, all is done in the tick in which it comes. @throws BrokenCopy */
  constructor(id: string, stored: StoredDocument, slices?: TimeSlices) {
    this.id = id;
    this.#position = stored.position;
    this.#owners = new Map(stored.clients.map(({ clientId, userId }) => [clientId, userId]));
    this.#snapshotBytes = stored.snapshotBytes;
    const waiting = stored.states.map((update) => ({ update }));
    const onWritten = (client: number, userId: string): void => this.own(client, userId);
    this.#intake = new Intake(this.#applied, { waiting, slices, onWritten });
    const [only, ...others] = stored.states;
    if (only && others.length === 0) this.#whole = { edits: 0, update: only };
    if (stored.stateVector) this.#vector = { edits: 0, bytes: stored.stateVector };
    this.#pendingUpdates = stored.states.length - (stored.snapshotBytes > 0 ? 1 : 0);
    this.#pendingBytes = stored.states.reduce((bytes, { length }) => bytes + length, 0) - stored.snapshotBytes;
  }

  /** Everything up to it has been applied. */
  get position(): number {
    return this.#position;
  }

  /** What keeps it up to date. */
  get hub(): Hub | undefined {
    return this.#hub;
  }

  follow(hub: Hub): void {
    this.#hub = hub;
  }

  /** Updates that no snapshot holds yet, and their bytes. */
  get pending(): { updates: number; bytes: number } {
    return { updates: this.#pendingUpdates, bytes: this.#pendingBytes };
  }

  /** About what its whole content takes. */
  get bytes(): number {
    return this.#snapshotBytes + this.#pendingBytes;
  }

  get isFull(): boolean {
    return this.bytes >= limits.documentBytes;
  }

  /** Clients that have written something. */
  get clientCount(): number {
    return this.#applied.store.clients.size;
  }

  /** It could not be brought to where it should be, and is of no use. */
  get isBroken(): boolean {
    return this.#intake.isBroken;
  }

  /** Undefined where all that is known is applied; else resolves when it has been. @throws BrokenCopy */
  settling(): Promise<void> | undefined {
    return this.#intake.settling();
  }

  /** Undefined where somebody with this state vector can be answered without a wait; else resolves when they can. */
  preparing(stateVector?: Uint8Array): Promise<void> | undefined {
    const isStored = this.#whole?.edits === this.#edits && this.#vector?.edits === this.#edits;
    return isStored && !hasSome(stateVector) ? undefined : this.settling();
  }

  /** Takes in what stands at a position, once. @throws BrokenCopy after which this copy is of no use. */
  apply(position: number, edit?: Required<StoredUpdate>): void {
    if (position <= this.#position) return;
    this.#position = position;
    if (!edit) return;
    this.#edits++;
    this.#intake.add(edit);
    this.#pendingUpdates++;
    this.#pendingBytes += edit.update.length;
  }

  /** A snapshot of so many bytes holds so many of the updates that none held. */
  compacted(snapshotBytes: number, held: { updates: number; bytes: number }): void {
    this.#snapshotBytes = snapshotBytes;
    this.#pendingUpdates = Math.max(0, this.#pendingUpdates - held.updates);
    this.#pendingBytes = Math.max(0, this.#pendingBytes - held.bytes);
  }

  /** Whose a client id is from now on, if it is nobody's. */
  own(clientId: number, userId: string): void {
    if (!this.#owners.has(clientId)) this.#owners.set(clientId, userId);
  }

  ownerOf(client: number): string | undefined {
    return this.#owners.get(client);
  }

  clockOf(client: number): number {
    const structs = this.#applied.store.clients.get(client);
    const last = structs?.at(-1);
    return last ? last.id.clock + last.length : 0;
  }

  /** Whether a state vector speaks of something of others that is not here. */
  isBehind(stateVector: Uint8Array, userId: string): boolean {
    const clocks = [...Y.decodeStateVector(stateVector)];
    return clocks.some(([client, clock]) => clock > this.clockOf(client) && this.ownerOf(client) !== userId);
  }

  isDeleted({ client, clock, length }: Stretch): boolean {
    const structs = this.#applied.store.clients.get(client);
    const end = clock + length;
    if (!structs || end > this.clockOf(client)) return false;
    for (let at = Y.findIndexSS(structs, clock); at < structs.length; at++) {
      const struct = structs[at];
      if (!struct || struct.id.clock >= end) break;
      if (!struct.deleted) return false;
    }
    return true;
  }

  isFirst(id: Id): boolean {
    const item = this.#find(id);
    return item instanceof Y.Item && item.left === null;
  }

  nestingOf(id: Id): number {
    let nesting = 0;
    let item: Y.Item | Y.GC | null = this.#find(id);
    while (item instanceof Y.Item && nesting <= maxNesting) {
      // What stands in something that was collected is nowhere: it will not be shown or deleted again.
      const parent: unknown = item.parent;
      item = parent instanceof Y.AbstractType ? parent._item : null;
      if (item) nesting++;
    }
    return nesting;
  }

  /** What somebody lacks who has this state vector; without one everything. @throws RangeError, Error for bytes that are none. */
  encodeSince(stateVector?: Uint8Array): Uint8Array {
    if (hasSome(stateVector)) return Y.encodeStateAsUpdate(this.#doc, stateVector);
    // Many who open it at once are answered the same bytes.
    if (this.#whole?.edits !== this.#edits)
      this.#whole = { edits: this.#edits, update: Y.encodeStateAsUpdate(this.#doc) };
    return this.#whole.update;
  }

  encodeStateVector(): Uint8Array {
    if (this.#vector?.edits !== this.#edits)
      this.#vector = { edits: this.#edits, bytes: Y.encodeStateVector(this.#doc) };
    return this.#vector.bytes;
  }

  close(): void {
    this.#applied.destroy();
  }

  /** With everything applied. */
  get #doc(): Y.Doc {
    this.#intake.finish();
    return this.#applied;
  }

  #find({ client, clock }: Id): Y.Item | Y.GC {
    const structs = this.#applied.store.clients.get(client) ?? [];
    return structs[Y.findIndexSS(structs, clock)] as Y.Item | Y.GC;
  }
}

/** Whether somebody with this state vector has anything. */
function hasSome(stateVector: Uint8Array | undefined): stateVector is Uint8Array {
  return stateVector !== undefined && stateVector.length > 1;
}
