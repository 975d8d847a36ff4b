import type { Comment } from "@mirage/protocol";

/** The comments that answer each other. */
export interface Thread {
  id: string;
  /** What the thread is about hangs on its first comment, which may have been deleted. */
  first: Comment;
  replies: readonly Comment[];
  isResolved: boolean;
}

/** Puts comments, oldest first, into their threads. A thread of which everything was deleted is none. */
export function groupThreads(comments: readonly Comment[]): Thread[] {
  const threads = new Map<string, Comment[]>();
  for (const comment of comments) {
    const thread = threads.get(comment.threadId);
    if (thread) thread.push(comment);
    else threads.set(comment.threadId, [comment]);
  }
  return [...threads.entries()].flatMap(([id, [first, ...replies]]) => {
    if (!first || [first, ...replies].every(({ deleted }) => deleted)) return [];
    const alive = replies.filter(({ deleted }) => !deleted);
    return [{ id, first, replies: alive, isResolved: first.resolvedAt !== undefined }];
  });
}
