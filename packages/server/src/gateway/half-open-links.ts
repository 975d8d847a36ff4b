import type { Clock } from "../ports/clock.ts";

/** Links of one address that have not said yet who they are; one that takes long to say so keeps its place. */
const maxPerAddress = 50;
/** Whoever finds all places taken waits this long for one: a crowd behind one address comes in without a refusal. */
const patienceMs = 2_000;
/** More than this many waiting are turned away at once. */
const maxWaiting = 1_000;

interface Place {
  count: number;
  waiting: (() => void)[];
}

/** Keeps places for links between the handshake and the answer to their CONNECT, so that nobody can take them all. */
export class HalfOpenLinks {
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();
  /** By the request that asked, and by the link that came of it. */
  readonly #releases = new WeakMap<object, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a place for a request. Resolves to false where there is none. */
  async enter(request: object, address: string): Promise<boolean> {
    const place = this.#places.get(address) ?? { count: 0, waiting: [] };
    this.#places.set(address, place);
    if (place.count < maxPerAddress) place.count++;
    else if (!(await this.#wait(place))) return false;
    this.#releases.set(request, () => this.#leave(address, place));
    return true;
  }

  /** A request became a link, which keeps the place from now on. */
  follow(request: object, link: object): void {
    const release = this.#releases.get(request);
    if (release === undefined) return;
    this.#releases.delete(request);
    this.#releases.set(link, release);
  }

  /** A link has said who it is, or it or the request has ended; again changes nothing. */
  release(holder: object): void {
    this.#releases.get(holder)?.();
    this.#releases.delete(holder);
  }

  /** Resolves to whether a place was handed over. */
  #wait(place: Place): Promise<boolean> {
    if (place.waiting.length >= maxWaiting) return Promise.resolve(false);
    return new Promise((resolve) => {
      const take = (): void => {
        timer.cancel();
        resolve(true);
      };
      const timer = this.#clock.after(patienceMs, () => {
        place.waiting.splice(place.waiting.indexOf(take), 1);
        resolve(false);
      });
      place.waiting.push(take);
    });
  }

  /** The next in the queue takes the place over; the last one forgets the address. */
  #leave(address: string, place: Place): void {
    const next = place.waiting.shift();
    if (next !== undefined) next();
    else if (--place.count === 0) this.#places.delete(address);
  }
}
