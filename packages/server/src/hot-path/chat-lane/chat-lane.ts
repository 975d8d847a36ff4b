import { GroupCommit, type GroupCommitOptions, type SubmitOptions } from "../group-commit.ts";
import { ChatWriter, type ChatWriterOptions } from "./chat-writer.ts";
import type { ChatItem, ChatOutcome } from "./items.ts";

/** So much later something large goes on beside a chat that never rests. */
const maxGiveWayMs = 20;

/** Writes that are committed in batches, one batch after the other; two lanes commit side by side. */
export class ChatLane {
  readonly #writer: ChatWriter;
  readonly #commit: GroupCommit<ChatItem, ChatOutcome>;

  constructor(options: ChatWriterOptions & GroupCommitOptions) {
    this.#writer = new ChatWriter(options);
    this.#commit = new GroupCommit(this.#writer, options);
  }

  get isFull(): boolean {
    return this.#commit.isFull;
  }

  /** See `GroupCommit.submit`. */
  submit(item: ChatItem, options: Omit<SubmitOptions<ChatItem>, "bytes"> = {}): Promise<ChatOutcome> {
    return this.#commit.submit(item, { ...options, bytes: sizeOf(item) });
  }

  /** Resolves when nothing is under way here, or after a while. */
  giveWay(): Promise<void> {
    return this.#commit.whenIdle(maxGiveWayMs);
  }

  /** Commits what waits, then stops. */
  async close(): Promise<void> {
    await this.#commit.close();
    await this.#writer.close();
  }
}

/** About how much of a batch an item takes; the text is most of it. */
const sizeOf = (item: ChatItem): number => 300 + ("content" in item ? 2 * item.content.length : 0);
