import type { Trigger } from "@mirage/protocol";

/** What a commit tells people beside its own effect, and what it takes back. */

/** What a notification may do when it arrives, beside standing in the list. */
export type Alert = "sound" | "desktop";

/** One person who is told. */
export interface Told {
  userId: string;
  /** Of the record, should it be new. */
  notificationId: string;
  /** False: called by name, but no record is shown to them. */
  isListed: boolean;
  alerts: readonly Alert[];
  /** False: nobody listens to their stream on this node, so the commit need not answer what it made. */
  isHeard?: boolean;
}

/** One cause and those who are told of it: each once, whatever else has the same cause. Of a room's, its members alone. */
export interface Notice {
  /** Kind of notification on the wire. */
  type: string;
  cause: string;
  title: string;
  content: string;
  metadata: Record<string, unknown>;
  groupKey?: string | undefined;
  isUrgent?: boolean;
  roomId?: string;
  /** Position of the message it is about, or 0 for the room itself; absent for a message that this commit posts. */
  messageSeq?: number;
  people: readonly Told[];
}

/** Records of one cause that are taken back. */
export interface Withdrawal {
  cause: string;
  /** Only unread ones of this kind; absent: all of them. */
  type?: string | undefined;
  /** Whose. */
  userIds: readonly string[];
  /** Who may keep theirs; undefined: everybody else. Should there be anyone else, the item is `stale`. */
  keptIds?: readonly string[] | undefined;
}

/** What is told to, or taken back from, more people than one commit takes: stored with its cause, done in slices. */
export type RoomJob = { id: string; roomId: string; excludedIds: readonly string[] } & (
  | { kind: "tell"; notice: Omit<Notice, "people"> & { trigger: Trigger } }
  | { kind: "withdraw"; notice: Pick<Withdrawal, "cause" | "type"> }
);

export const messageCause = (messageId: string): string => `message:${messageId}`;

/** Undefined where the cause is something else. */
export const messageIdOf = (cause: string): string | undefined =>
  cause.startsWith("message:") ? cause.slice("message:".length) : undefined;
