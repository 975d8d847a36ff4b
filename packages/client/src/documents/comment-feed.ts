import type { CommandReply, Comment } from "@mirage/protocol";
import type { Clock, Timer } from "../lib/clock.ts";
import { RealtimeError } from "../lib/error.ts";
import { Store } from "../lib/store.ts";
import type { Realtime } from "../realtime.ts";

/** The pause before comments that could not be read are asked for again, where the server named none. */
const retryMs = 5_000;

export interface CommentFeedOptions {
  documentId: string;
  realtime: Pick<Realtime, "request">;
  clock: Clock;
}

/**
 * The comments of one document: all of them once, then what changed since, at each joining, and between those the events.
 * Of two states of a comment the one with the higher `seq` is the newer, so it does not matter which comes first.
 */
export class CommentFeed {
  readonly shown = new Store<readonly Comment[]>([]);
  readonly #options: CommentFeedOptions;
  readonly #comments = new Map<string, Comment>();
  #epoch: string | undefined;
  /** Up to which position all changes are known; undefined: nothing was read. */
  #since: number | undefined;
  /** Counts connections: an answer on a former one is worth nothing. */
  #run = 0;
  #timer: Timer | undefined;

  constructor(options: CommentFeedOptions) {
    this.#options = options;
  }

  /** The document is joined. In another epoch nothing is known. */
  joined(epoch: string): void {
    this.stop();
    if (epoch !== this.#epoch) {
      this.#comments.clear();
      this.#since = undefined;
    }
    this.#epoch = epoch;
    this.#read(this.#run);
  }

  take(comment: Comment): void {
    const known = this.#comments.get(comment.id);
    if (known && known.seq > comment.seq) return;
    this.#comments.set(comment.id, comment);
    this.shown.set(this.#list());
  }

  /** Reads no more until the next joining. */
  stop(): void {
    this.#run += 1;
    this.#timer?.cancel();
  }

  #read(run: number): void {
    const { documentId, realtime } = this.#options;
    const since = this.#since === undefined ? {} : { since: this.#since };
    realtime.request("list_comments", { documentId, ...since }).then(
      (reply) => {
        if (run === this.#run) this.#takePage(reply);
      },
      (error: unknown) => {
        if (run !== this.#run || !(error instanceof RealtimeError) || !error.retryable) return;
        this.#timer = this.#options.clock.after(error.retryAfterMs ?? retryMs, () => this.#read(run));
      },
    );
  }

  #takePage({ comments, seq, hasMore }: CommandReply<"list_comments">): void {
    this.#since = seq;
    for (const comment of comments) this.take(comment);
    if (hasMore) this.#read(this.#run);
  }

  /** Oldest first: ids sort by time. A thread keeps its first comment for as long as it has others. */
  #list(): Comment[] {
    const alive = new Set<string>();
    for (const { threadId, deleted } of this.#comments.values()) if (!deleted) alive.add(threadId);
    const shown = [...this.#comments.values()].filter(({ id, deleted }) => !deleted || alive.has(id));
    return shown.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
