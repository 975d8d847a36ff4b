import { GroupCommit, type GroupCommitOptions, overloaded } from "../group-commit.ts";
import { PairOrder } from "../pair-order.ts";
import { CommentWriter, type CommentWriterOptions } from "./comment-writer.ts";
import type { CommentItem, CommentOutcome } from "./items.ts";

/** The road of comments: beside the chat and beside the edits of documents, so that neither waits for what is told. */
export class CommentLane {
  readonly #options: CommentWriterOptions;
  readonly #order = new PairOrder();
  readonly #writer: CommentWriter;
  readonly #commit: GroupCommit<CommentItem, CommentOutcome>;

  constructor(options: CommentWriterOptions & GroupCommitOptions) {
    this.#options = options;
    this.#writer = new CommentWriter(options);
    this.#commit = new GroupCommit(this.#writer, options);
  }

  /** Commits one change and delivers it; see `HotPath.submit`. */
  submit(judge: () => Promise<CommentItem>, pair: string): Promise<CommentOutcome> {
    if (this.#commit.isFull) return Promise.reject(overloaded());
    return this.#order.run(pair, judge, async (item) => {
      const stream = `doc:${item.documentId}` as const;
      const outcome = await this.#commit.submit(item, { bytes: sizeOf(item), stream, pair, judge });
      await this.#options.hubs.find(stream)?.whenCaughtUp();
      return outcome;
    });
  }

  /** Commits what waits, then stops. */
  async close(): Promise<void> {
    await this.#commit.close();
    await this.#writer.close();
  }
}

/** About how much of a batch an item takes; the text is most of it. */
const sizeOf = (item: CommentItem): number => 500 + ("content" in item ? 2 * item.content.length : 0);
