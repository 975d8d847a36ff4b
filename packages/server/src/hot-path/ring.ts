import type { Message } from "@mirage/protocol";
import type { ByteBudget } from "../lib/byte-budget.ts";
import type { Change } from "./change.ts";
import type { EncodedPayload } from "./payload.ts";
import type { Topic } from "./topics.ts";

export interface RingOptions {
  stream: Topic;
  /** What it begins after. */
  startsAt: number;
  maxChanges: number;
  /** Shared by all rings; absent: no bound in bytes. */
  budget?: ByteBudget | undefined;
}

/** What was read of the past: the state at `head` of everything that changed after `floor`, in order of position. */
export interface Past {
  floor: number;
  head: number;
  changes: readonly Change[];
}

/** About what an entry takes beside its JSON. */
const entryBytes = 200;

/**
 * A change as the ring keeps it: encoded, which is one object to the garbage collector and not forty, until somebody
 * who comes back asks for it.
 */
class Kept {
  readonly position: number;
  readonly entity: string;
  readonly bytes: number;
  readonly #event: Change["event"];
  #state: Change | string;

  /** `state`: the change, or its payload as JSON. */
  constructor(change: Change, state: Change | string) {
    this.position = change.position;
    this.entity = change.entity;
    this.bytes = typeof state === "string" ? entryBytes + 2 * state.length : bytesOf(state);
    this.#event = change.event;
    this.#state = state;
  }

  /** Decoded once, however many ask. */
  asChange(stream: Topic): Change {
    if (typeof this.#state === "string") {
      const payload = JSON.parse(this.#state);
      this.#state = { stream, position: this.position, entity: this.entity, event: this.#event, payload } as Change;
    }
    return this.#state;
  }
}

/**
 * The recent changes of one stream, collapsed by entity, bounded in number and, with all others, in bytes. It answers
 * «everything after a position» as long as nothing after that position has been dropped, and never holds what a later
 * change has taken away.
 */
export class Ring {
  readonly #stream: Topic;
  readonly #maxChanges: number;
  readonly #budget: ByteBudget | undefined;
  /** Made for the first change: most people's own streams never have one while they are connected. */
  #latest: Map<string, Kept> | undefined;
  #bytes = 0;
  #last: number;
  /** Everything above this position is here. */
  #floor: number;

  constructor({ stream, startsAt, maxChanges, budget }: RingOptions) {
    this.#stream = stream;
    this.#floor = startsAt;
    this.#last = startsAt;
    this.#maxChanges = maxChanges;
    this.#budget = budget;
  }

  /** The change with its payload encoded. */
  add(change: Change, payload: EncodedPayload): void {
    this.#last = change.position;
    if (this.#maxChanges === 0) {
      this.#floor = change.position;
      return;
    }
    // Deleting first moves the entity to the end: the map stays in order of position.
    this.#drop(change.entity);
    this.#latest ??= new Map();
    const kept = new Kept(change, typeof payload === "string" ? payload : change);
    this.#latest.set(change.entity, kept);
    this.#bytes += kept.bytes;
    // Two for one: a ring that was given much of the past shrinks back while it is still of use.
    this.#dropOldest(Math.min(2, this.#latest.size - this.#maxChanges));
    this.#budget?.use(this, this.#bytes);
  }

  /** The state of everything that changed after a position, in order; undefined when it reaches further back. */
  since(position: number): Change[] | undefined {
    if (!this.reachesBack(position)) return undefined;
    this.#budget?.use(this, this.#bytes);
    const after: Change[] = [];
    for (const kept of this.#latest?.values() ?? [])
      if (kept.position > position) after.push(kept.asChange(this.#stream));
    return after;
  }

  reachesBack(position: number): boolean {
    return position >= this.#floor;
  }

  /** Takes what lies before it. Answers false, and takes nothing, where changes between the two are missing. */
  recall({ floor, head, changes }: Past): boolean {
    if (head < this.#floor) return false;
    if (floor >= this.#floor) return true;
    const past = new Map<string, Kept>();
    // What changed again since is here already, in its later state.
    const isOlder = ({ position, entity }: Change): boolean => position <= this.#floor && !this.#latest?.has(entity);
    for (const change of changes) {
      past.delete(change.entity);
      if (isOlder(change)) past.set(change.entity, new Kept(change, change));
    }
    for (const { bytes } of past.values()) this.#bytes += bytes;
    this.#latest = new Map([...past, ...(this.#latest ?? [])]);
    this.#floor = floor;
    this.#budget?.use(this, this.#bytes);
    return true;
  }

  /** Forgets everything; what comes from now on, or after a later position, is kept again. */
  release(startsAt = this.#last): void {
    this.#latest = undefined;
    this.#bytes = 0;
    this.#last = startsAt;
    this.#floor = startsAt;
    this.#budget?.use(this, 0);
  }

  #dropOldest(count: number): void {
    for (const [entity, oldest] of this.#latest ?? []) {
      if (count-- <= 0) return;
      this.#drop(entity);
      this.#floor = oldest.position;
    }
  }

  #drop(entity: string): void {
    const kept = this.#latest?.get(entity);
    if (kept === undefined) return;
    this.#latest?.delete(entity);
    this.#bytes -= kept.bytes;
  }
}

/** Objects and fields of one message, its short texts included; and of one person. */
const messageBytes = 800;
export const personBytes = 150;

function bytesOf({ event, payload }: Change): number {
  if (event === "chat_message" || event === "message_updated") return bytesOfMessage(payload);
  return messageBytes + (event === "member_updated" ? payload.users.length * personBytes : 0);
}

/** About how much memory a message takes: what people can make large is counted. */
export function bytesOfMessage({ content, reactions, metadata }: Message): number {
  let bytes = messageBytes + 2 * content.length;
  for (const { users } of reactions) bytes += personBytes + users.length * 50;
  for (const key in metadata) bytes += 2 * (key.length + JSON.stringify(metadata[key]).length);
  return bytes;
}
