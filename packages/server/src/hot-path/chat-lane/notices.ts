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

/** Records of one message that are taken back with an edit or a deletion. */
export interface Withdrawal {
  /** Whose. */
  userIds: readonly string[];
  /** Who may keep theirs; undefined: everybody else. Should there be anyone else, the item is `stale`. */
  keptIds: readonly string[] | undefined;
}

export const messageCause = (messageId: string): string => `message:${messageId}`;
