type Id = { client: number; clock: number };

/** Of a struct what says where it was put. */
interface Placed {
  clock: number;
  isGc: boolean;
  begun: string | undefined;
  origin: Id | undefined;
  rightOrigin: Id | undefined;
}

/** Different places with one hash: of 250,000 at random some seven. */
const maxAlike = 64;

/**
 * Where one client has put what an update brings: behind and before what stood there, or into the empty list or under the
 * unset key that it began. Nobody finds the same place twice, since what they put there is there then. For a thousand that
 * claim it Yjs would look through all that is there a thousand times, here and in every editor.
 */
export class Places {
  readonly #client: number;
  readonly #begun = new Set<string>();
  /** By a hash of both neighbours. */
  readonly #between = new Map<number, Placed>();
  readonly #alike: Placed[] = [];

  constructor(client: number) {
    this.#client = client;
  }

  /** Whether something was there already. */
  isTaken(struct: Placed): boolean {
    const { isGc, begun, clock, origin, rightOrigin } = struct;
    if (begun !== undefined) return this.#begun.size === this.#begun.add(begun).size;
    // Behind the one before it: what somebody writes in a row, and nothing else can have been there.
    if (isGc || (origin?.clock === clock - 1 && origin.client === this.#client)) return false;
    const hash = Math.imul(hashOf(origin), 31) ^ hashOf(rightOrigin);
    const known = this.#between.get(hash);
    if (known === undefined) this.#between.set(hash, struct);
    else if (isSamePlace(known, struct) || this.#alike.some((other) => isSamePlace(other, struct))) return true;
    else return this.#alike.push(struct) > maxAlike;
    return false;
  }
}

function hashOf(id: Id | undefined): number {
  if (!id) return 0;
  const mixed = Math.imul(id.clock + 1, 0x9e37_79b1) ^ Math.imul(id.client, 0x85eb_ca6b);
  return mixed ^ (mixed >>> 15);
}

function isSamePlace(one: Placed, other: Placed): boolean {
  return isSame(one.origin, other.origin) && isSame(one.rightOrigin, other.rightOrigin);
}

function isSame(one: Id | undefined, other: Id | undefined): boolean {
  return one?.client === other?.client && one?.clock === other?.clock;
}
