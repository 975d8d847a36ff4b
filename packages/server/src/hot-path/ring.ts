import type { Change } from "./change.ts";

/**
 * The recent changes of one stream, collapsed by entity and bounded in number. It answers «everything after a position»
 * as long as nothing after that position has been dropped, and never holds what a later change has taken away.
 */
export class Ring {
  readonly #maxChanges: number;
  readonly #latest = new Map<string, Change>();
  /** Everything above this position is here. */
  #floor: number;

  constructor(startsAt: number, maxChanges: number) {
    this.#floor = startsAt;
    this.#maxChanges = maxChanges;
  }

  add(change: Change): void {
    // Deleting first moves the entity to the end: the map stays in order of position.
    this.#latest.delete(change.entity);
    this.#latest.set(change.entity, change);
    if (this.#latest.size <= this.#maxChanges) return;
    for (const [entity, oldest] of this.#latest) {
      this.#latest.delete(entity);
      this.#floor = oldest.position;
      return;
    }
  }

  /** The state of everything that changed after a position, in order; undefined when it reaches further back. */
  since(position: number): Change[] | undefined {
    if (position < this.#floor) return undefined;
    return [...this.#latest.values()].filter((change) => change.position > position);
  }
}
