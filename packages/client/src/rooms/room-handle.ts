import type { Member, Message, OwnRoom } from "@mirage/protocol";
import type { Upload } from "../files/files-handle.ts";
import type { Failure } from "../lib/error.ts";
import type { ReadonlyStore } from "../lib/store.ts";

/**
 * One row of a conversation.
 * `key` is the client's own id for one's own messages and does not change when they are confirmed; else the message's id.
 * A message that is not yet confirmed has `seq` 0 and stands last.
 */
export interface TimelineItem {
  readonly key: string;
  readonly message: Message;
  /** `pending` is stored on this device and will be sent; `failed` was refused for good, see `error`. */
  readonly state: "sent" | "pending" | "failed";
  readonly error?: Failure;
}

/** Someone who is writing. */
export interface Typist {
  readonly userId: string;
  readonly username: string;
}

/** What is known of one room. */
export interface RoomState {
  readonly status: "loading" | "ready" | "refused";
  /** Why the room cannot be shown; only while `refused`. */
  readonly refusal?: Failure;
  readonly room?: OwnRoom;
  /** The first 100 and everyone who changed since; `memberCount` is the whole number. */
  readonly members: readonly Member[];
  readonly memberCount: number;
  /** Oldest first: one unbroken piece of the conversation, then what is not yet confirmed. */
  readonly items: readonly TimelineItem[];
  readonly hasMoreBefore: boolean;
  /** False while the newest messages are loaded: only then do new ones appear in `items`. */
  readonly hasMoreAfter: boolean;
  /** Where this person has read to. */
  readonly readSeq: number;
  /** Up to 100, which means 100 or more. */
  readonly unread: number;
  readonly mentions: number;
  readonly typing: readonly Typist[];
  /** User ids with a live connection in this room; absent in rooms of more than 200 people. */
  readonly online?: readonly string[];
  /** How many of a room of more than 200 people are here; absent in smaller ones, and until it is told. */
  readonly onlineCount?: number;
  /** `seq` of the first message that was unread when the room was opened; stays until the room is left. */
  readonly firstUnreadSeq?: number;
}

/** A file that is to hang on a message, whether it is on the server yet or not. */
export interface DraftAttachment {
  upload: Upload;
  /** What is to be seen on it, for those who do not see it. */
  alt?: string;
  /** Pixels, where they are known: its place is kept while it is on its way. */
  width?: number;
  height?: number;
}

/** What a person wrote. */
export interface MessageDraft {
  /** 1–2,000 code points; may be blank beside files. */
  content: string;
  /** At most ten. The message waits for them, keeps its place, and survives a reload while a file has at most 25 MiB. */
  attachments?: readonly DraftAttachment[];
  /** Id of the message this answers. */
  replyTo?: string;
  /** The host's own data, at most 4 KiB as JSON. */
  metadata?: Record<string, unknown>;
}

/**
 * One room. The same id gives the same handle for as long as the client lives.
 * Changes of messages show at once and are taken back where the server refuses them; their promises then reject with
 * a `RealtimeError`.
 */
export interface RoomHandle {
  readonly id: string;
  readonly state: ReadonlyStore<RoomState>;
  /**
   * Opens the room and keeps it loaded until every opener has called what this returns, and five seconds more.
   * A room of one's own list is followed (unread, last message) whether it is open or not.
   */
  open(): () => void;
  /**
   * Sends a message and returns its client id.
   * It is stored on this device, then shown as pending, then sent in order: exactly once, also over a reload.
   */
  send(draft: MessageDraft): string;
  /** Sends a failed message once more. */
  retry(clientId: string): void;
  /** Drops a failed message, or one that is not yet on its way. */
  discard(clientId: string): void;
  edit(messageId: string, content: string): Promise<void>;
  delete(messageId: string): Promise<void>;
  react(messageId: string, emoji: string): Promise<void>;
  unreact(messageId: string, emoji: string): Promise<void>;
  pin(messageId: string): Promise<void>;
  unpin(messageId: string): Promise<void>;
  /** Loads the page before the first item; does nothing where there is none. */
  loadBefore(): Promise<void>;
  /** Loads the page after the last item; does nothing where there is none. */
  loadAfter(): Promise<void>;
  /** Shows the messages around a position instead of what is loaded. */
  loadAround(seq: number): Promise<void>;
  /** Goes back to the newest messages. */
  loadNewest(): Promise<void>;
  /** Says that the person is writing; call it on every key, it goes out at most every 2 s. */
  typing(): void;
  stopTyping(): void;
  /** Marks everything up to `seq` as read, by default all that is loaded. Never goes back; may be called often. */
  markRead(seq?: number): void;
}
