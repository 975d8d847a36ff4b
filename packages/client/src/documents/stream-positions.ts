import type { Span } from "../rooms/position.ts";

/** More than this ahead of a hole is no longer counted, only known to be there. */
const maxSpans = 1_000;

/**
 * Which positions of a document's stream have come. Edits may be applied in any order, so nothing waits for what is
 * missing; a hole that stays is what must be asked for.
 */
export class StreamPositions {
  #lastSeq = 0;
  /** What has come from behind a hole. */
  #ahead: Span[] = [];

  get hasHole(): boolean {
    return this.#ahead.length > 0;
  }

  /** Everything up to here is known. */
  reset(seq: number): void {
    this.#lastSeq = seq;
    this.#close();
  }

  note(span: Span): void {
    if (span.seq <= this.#lastSeq || this.#ahead.length >= maxSpans) return;
    this.#ahead.push(span);
    this.#close();
  }

  #close(): void {
    this.#ahead.sort((a, b) => a.seq - b.seq);
    const behind: Span[] = [];
    for (const span of this.#ahead) {
      if (span.seq <= this.#lastSeq) continue;
      if ((span.from ?? span.seq) <= this.#lastSeq + 1) this.#lastSeq = span.seq;
      else behind.push(span);
    }
    this.#ahead = behind;
  }
}
