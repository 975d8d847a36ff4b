import type { Message } from "@mirage/protocol";
import type { Notice } from "../hot-path/chat-lane/notices.ts";
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
  /** The message as it stands, where this is an edit: then only who is called is told. */
  edited?: Message;
}

/** Somebody takes people into a room. */
export interface InviteCause {
  roomId: string;
  roomName: string;
  isDirect: boolean;
  inviter: { userId: string; username: string };
  userIds: readonly string[];
}

/** Says what people are to be told: messages and rooms ask, notifications answer. */
export interface Telling {
  ofMessage(cause: MessageCause): Promise<readonly Notice[]>;
  ofInvite(cause: InviteCause): Promise<readonly Notice[]>;
  /** People who have a record of a message now. */
  listTold(messageId: string): Promise<string[]>;
}
