import type { Notice, Withdrawal } from "../hot-path/chat-lane/notices.ts";

interface InDocument {
  documentId: string;
  documentTitle: string;
  /** Whose levels and mutes hold for what is told of it; null where it has no room. */
  roomId: string | null;
  /** Who did it; never told. */
  author: { userId: string; username: string };
}

/** A comment that is about to be added, or edited, as a cause of notifications. Whoever is named may read the document. */
export interface CommentCause extends InDocument {
  commentId: string;
  threadId: string;
  content: string;
  calledIds: readonly string[];
  /** Who has written in the thread before. */
  participantIds: readonly string[];
  /** Whose document it is, where this begins a thread. */
  ownerId: string | undefined;
}

/** Somebody was named in the text of a document. */
export interface TextMentionCause extends InDocument {
  /** Which mention it is, for as long as it stands there. */
  mentionId: string;
  userId: string;
  /** The text around it. */
  quote: string;
}

/** Somebody gives people a role in a document. */
export interface DocumentInviteCause extends InDocument {
  userIds: readonly string[];
}

/** Says what people are to be told of documents: documents and comments ask, notifications answer. */
export interface DocumentTelling {
  ofComment(cause: CommentCause): Promise<readonly Notice[]>;
  /** Of one document. */
  ofTextMentions(causes: readonly TextMentionCause[]): Promise<readonly Notice[]>;
  ofDocumentInvite(cause: DocumentInviteCause): Promise<readonly Notice[]>;
  /** A comment changes: whose records of it are to go? An edit takes back unread mentions, a deletion everything. */
  withdrawingComment(change: {
    commentId: string;
    /** Who keeps theirs. */
    keptIds: readonly string[];
    type?: "mention";
  }): Promise<Withdrawal>;
}
