import type { Presence } from "@mirage/protocol";

/** People in order, as a chain that receivers share for as long as they are told of the same ones. */
export class Roster {
  readonly #previous: Roster | undefined;
  readonly #last: Presence | undefined;
  // One slot is enough: the same person is appended for receiver after receiver.
  #next: Roster | undefined;

  private constructor(previous?: Roster, last?: Presence) {
    this.#previous = previous;
    this.#last = last;
  }

  /** Where lists begin that are to share what they can. */
  static get empty(): Roster {
    return new Roster();
  }

  append(presence: Presence): Roster {
    if (this.#next === undefined || this.#next.#last !== presence) this.#next = new Roster(this, presence);
    return this.#next;
  }

  /** From the first to the last. */
  list(): Presence[] {
    const list: Presence[] = [];
    for (let at: Roster | undefined = this; at !== undefined; at = at.#previous) {
      if (at.#last !== undefined) list.push(at.#last);
    }
    return list.reverse();
  }
}
