import type { Topic } from "../hot-path/topics.ts";
import type { Frame } from "./frame.ts";

/** What a signal is about: of two about the same thing in the same place only the newer one counts. */
export interface About {
  topic: Topic;
  subject: string;
}

/** More than this waits for nobody: a reader that is so far behind is about to be cut, and asks anew. */
const maxBytes = 1024 * 1024;

/** Signals for a connection that is behind, until it has caught up: the newest of each subject, oldest first. */
export class HeldSignals {
  readonly #frames = new Map<string, { topic: Topic; frame: Frame }>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps one in place of an earlier one. Returns how many are lost by that. */
  put({ topic, subject }: About, frame: Frame): number {
    const key = `${topic} ${subject}`;
    let lost = this.#remove(key) ? 1 : 0;
    this.#frames.set(key, { topic, frame });
    this.#bytes += frame.wire.length;
    for (const oldest of this.#frames.keys()) {
      if (this.#bytes <= maxBytes) break;
      this.#remove(oldest);
      lost++;
    }
    return lost;
  }

  /** Whoever does not listen any more is told nothing more, late either. */
  forget(topic: Topic): void {
    for (const [key, held] of this.#frames) if (held.topic === topic) this.#remove(key);
  }

  /** All of them, which wait no longer. */
  take(): Frame[] {
    const frames = [...this.#frames.values()].map(({ frame }) => frame);
    this.#frames.clear();
    this.#bytes = 0;
    return frames;
  }

  #remove(key: string): boolean {
    const held = this.#frames.get(key);
    if (held === undefined) return false;
    this.#bytes -= held.frame.wire.length;
    return this.#frames.delete(key);
  }
}
