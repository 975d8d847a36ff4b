import type { Comment } from "@mirage/protocol";
import type { Notice, Withdrawal } from "../chat-lane/notices.ts";
import type { Topic } from "../topics.ts";

interface CommentBase {
  documentId: string;
  commentId: string;
  userId: string;
  /** The document's fence when this was judged: another one at commit makes it `stale`. */
  fence: number;
  /** The same of the room that the right came from; absent where the document is in none. */
  room: { roomId: string; fence: number } | undefined;
  notices: readonly Notice[];
  at: number;
}

/** Everything that can happen to a comment. Instants are milliseconds since 1970. */
export type CommentItem = CommentBase &
  (
    | {
        op: "add";
        username: string;
        content: string;
        /** Absent: it begins a thread of its own. */
        threadId: string | undefined;
        anchor: Comment["anchor"];
        quote: string | undefined;
        mentionedIds: readonly string[];
        nonce: string | undefined;
        bodyHash: string | undefined;
        maxComments: number;
      }
    | { op: "edit"; content: string; mentionedIds: readonly string[]; withdrawal: Withdrawal }
    | { op: "delete"; withdrawal: Withdrawal }
    /** `commentId` is the thread's first. */
    | { op: "resolve"; resolved: boolean }
  );

/** What became of one item. */
export type CommentOutcome =
  | { status: "ok" | "duplicate"; comment: Comment }
  | { status: "stale" | "not_found" | "nonce_conflict" | "too_many" };

/** Every stream an item may write to: all of them are locked before anything is read. */
export function streamsOf(item: CommentItem): Topic[] {
  const told = item.notices.flatMap(({ people }) => people.map(({ userId }) => userId));
  const untold = "withdrawal" in item ? item.withdrawal.userIds : [];
  return [`doc:${item.documentId}`, ...[...told, ...untold].map((userId): Topic => `user:${userId}`)];
}
