/** Something that takes memory and can do without it. */
export interface Holder {
  /** Lets go of what it holds; it may begin anew. */
  release(): void;
}

/** Keeps many holders within a number of bytes together: past it, those that were used longest ago let go. */
export class ByteBudget {
  readonly #maxBytes: number;
  /** In order of use, the one used longest ago first. */
  readonly #held = new Map<Holder, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of all holders. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A holder was used and takes so many bytes from now on; with 0 it is forgotten. */
  use(holder: Holder, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0);
    this.#held.delete(holder);
    if (bytes > 0) this.#held.set(holder, bytes);
    if (this.#bytes > this.#maxBytes) this.#makeRoom();
  }

  #makeRoom(): void {
    for (const [holder, bytes] of this.#held) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#held.delete(holder);
      this.#bytes -= bytes;
      holder.release();
    }
  }
}
