import type { Failure } from "../lib/error.ts";

/** A file of a message that is not yet confirmed. */
export interface OutboxAttachment {
  /** The client's id of it. */
  readonly uploadId: string;
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly alt?: string;
  readonly width?: number;
  readonly height?: number;
  /** The server's id of it; absent until it is there. */
  readonly fileId?: string;
}

/** A message that is not yet confirmed. */
export interface OutboxEntry {
  /** The client's id of the message, sent as its nonce. */
  readonly clientId: string;
  readonly roomId: string;
  /** Rises in the order of sending, over all tabs. */
  readonly order: number;
  readonly content: string;
  readonly replyTo?: string;
  readonly metadata?: Record<string, unknown>;
  readonly attachments?: readonly OutboxAttachment[];
  /** ISO 8601. */
  readonly createdAt: string;
  readonly state: "pending" | "failed";
  readonly error?: Failure;
}

/** An entry before it has its place in the order. */
export type NewOutboxEntry = Omit<OutboxEntry, "order">;

/** What one tab tells the others that share its storage. */
export type OutboxNews = { type: "changed" } | { type: "confirmed"; clientId: string; message: unknown };

/**
 * Where unconfirmed messages are kept. One storage belongs to one user of one server.
 * What `add` and `update` have stored is there after a reload.
 */
export interface OutboxStorage {
  /** Every entry, in order. */
  list(): Promise<OutboxEntry[]>;
  /** Stores a new entry behind all others and answers it with its place. */
  add(entry: NewOutboxEntry): Promise<OutboxEntry>;
  /** Replaces an entry; does nothing if it is no longer there. */
  update(entry: OutboxEntry): Promise<void>;
  remove(clientId: string): Promise<void>;
  /** Keeps the bytes of a file that is not on the server yet. @throws where there is no room */
  putFile(uploadId: string, bytes: Blob): Promise<void>;
  getFile(uploadId: string): Promise<Blob | undefined>;
  removeFile(uploadId: string): Promise<void>;
  /**
   * Runs when no other user of the same storage is in `exclusively`; only one sends at a time.
   * The lock is let go when the promise settles or its tab dies.
   */
  exclusively(run: () => Promise<void>): Promise<void>;
  /** Tells the other tabs. */
  tell(news: OutboxNews): void;
  /** Calls on news from other tabs; returns the unsubscriber. */
  onNews(listener: (news: OutboxNews) => void): () => void;
  close(): void;
}
