import type { Channel, Trigger } from "@mirage/protocol";

/** What a commit tells people beside its own effect, and what it takes back. */

/** What a notification may do when it arrives, beside standing in the list. */
export type Alert = "sound" | "desktop";

/** Ways that reach a person who is away, and when each is due, in milliseconds since 1970. */
export type AwayChannel = Extract<Channel, "push" | "email">;
export type Due = Partial<Record<AwayChannel, number>>;

/** One person who is told. */
export interface Told {
  userId: string;
  /** Of the record, should it be new. */
  notificationId: string;
  /** False: called by name, but no record is shown to them. */
  isListed: boolean;
  alerts: readonly Alert[];
  /** Absent: nothing leaves the app. */
  due?: Due | undefined;
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
  /**
   * Position of the message it is about, or 0 for the room itself: reading the room past it reads this. Absent for a
   * message that this commit posts, and for what reading the room does not read.
   */
  messageSeq?: number;
  /** Told behind the commit that posts the message: whoever has read the room past it by then has read this, too. */
  isLate?: boolean;
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

/** Whether some of it is due to people who are away. */
export function leavesTheApp(notices: readonly Notice[]): boolean {
  return notices.some(({ people }) => people.some(({ due }) => due !== undefined));
}

export const messageCause = (messageId: string): string => `message:${messageId}`;

export const commentCause = (commentId: string): string => `comment:${commentId}`;

/** Undefined where the cause is something else. */
export const messageIdOf = (cause: string): string | undefined =>
  cause.startsWith("message:") ? cause.slice("message:".length) : undefined;
