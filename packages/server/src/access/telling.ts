import type { Message } from "@mirage/protocol";
import type { Notice, RoomJob, Withdrawal } from "../hot-path/chat-lane/notices.ts";
import type { RoomAccess } from "./room-access.ts";

/** A message that is about to be posted, or edited, as a cause of notifications. */
export interface MessageCause {
  /** The author's. */
  access: RoomAccess;
  authorName: string;
  messageId: string;
  content: string;
  replyTo: string | undefined;
  /** People whom it calls, the author left out. */
  calledIds: readonly string[];
  /** It calls everybody, and they are too many to be among `calledIds`. */
  callsCrowd: boolean;
  /** The message as it stands, where this is an edit: then only who is called is told. */
  edited?: Message;
}

/** Somebody gives a message a reaction, or takes one back. */
export interface ReactionCause {
  /** Of whoever reacts. */
  access: RoomAccess;
  username: string;
  message: Message;
  emoji: string;
  on: boolean;
}

/** Somebody takes people into a room. */
export interface InviteCause {
  roomId: string;
  roomName: string;
  isDirect: boolean;
  inviter: { userId: string; username: string };
  userIds: readonly string[];
}

/** What a commit tells, and what it leaves to a job because it is more than one commit takes. */
export interface Tidings {
  notices: readonly Notice[];
  job?: RoomJob;
}

/** A message changes: whose records of it are to go? */
export interface WithdrawalCause {
  access: RoomAccess;
  message: Message;
  /** Who keeps theirs, undefined for everybody. */
  keptIds: readonly string[] | undefined;
  /** An edit takes back unread mentions, a deletion everything. */
  type?: "mention";
}

/** Says what people are to be told: messages and rooms ask, notifications answer. */
export interface Telling {
  ofMessage(cause: MessageCause): Promise<Tidings>;
  /** People who may be told because they listen for a word of this text, in its room or not. */
  listening(content: string): Promise<readonly string[]>;
  ofReaction(cause: ReactionCause): Promise<{ notices: readonly Notice[]; withdrawal?: Withdrawal }>;
  ofInvite(cause: InviteCause): Promise<readonly Notice[]>;
  /**
   * For one change of one message. Asked for the first time it guesses, since most messages told nobody; the commit finds
   * out whether there is anyone else, and then it is asked again.
   */
  withdrawing(): (cause: WithdrawalCause) => Promise<{ withdrawal: Withdrawal; job?: RoomJob }>;
}
