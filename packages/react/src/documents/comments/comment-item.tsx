"use client";
import type { Comment, Document, Member } from "@mirage/protocol";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Avatar } from "../../avatar.tsx";
import { MessageContent } from "../../content/message-content.tsx";
import { useNow } from "../../hooks/use-now.ts";
import { IconButton } from "../../icon-button.tsx";
import { useRealtime } from "../../provider.tsx";
import { useDocumentLabels } from "../use-document-labels.ts";
import { CommentForm } from "./comment-form.tsx";

interface ItemProps {
  comment: Comment;
  document: Document;
  people: readonly Member[];
  onError(error: unknown): void;
}

/** One comment: who, when, what; its author may edit it, and they or the document's owner may delete it. */
export function CommentItem({ comment, document, people, onError }: ItemProps) {
  const words = useDocumentLabels();
  const { me, realtime } = useRealtime();
  const [isEditing, setIsEditing] = useState(false);
  if (comment.deleted) return <p className="mrg-tombstone">{words.deletedComment}</p>;
  const isOwn = comment.userId === me.userId;
  const remove = () => realtime.request("delete_comment", { commentId: comment.id }).catch(onError);
  const edit = async (content: string) => {
    await realtime.request("edit_comment", { commentId: comment.id, content });
    setIsEditing(false);
  };
  if (isEditing) {
    return (
      <CommentForm
        label={words.editComment}
        submitLabel={words.addComment}
        initial={comment.content}
        people={people}
        isFocused
        onSubmit={edit}
        onCancel={() => setIsEditing(false)}
        onError={onError}
      />
    );
  }
  return (
    <article className="mrg-doc-comment">
      <Avatar userId={comment.userId} size={26} />
      <div>
        <div className="mrg-doc-comment-head">
          <b dir="auto">{comment.username}</b>
          <CommentTime comment={comment} />
          {isOwn && (
            <IconButton label={words.editComment} onClick={() => setIsEditing(true)}>
              <Pencil size={14} aria-hidden />
            </IconButton>
          )}
          {(isOwn || document.isOwner) && (
            <IconButton label={words.deleteComment} onClick={() => void remove()}>
              <Trash2 size={14} aria-hidden />
            </IconButton>
          )}
        </div>
        <MessageContent content={comment.content} names={namesIn(comment, people)} ownName={me.username} />
      </div>
    </article>
  );
}

const dayMs = 24 * 60 * 60 * 1000;

function CommentTime({ comment }: { comment: Comment }) {
  const words = useDocumentLabels();
  const { formats } = useRealtime();
  const now = useNow(60_000);
  const at = new Date(comment.createdAt);
  const isToday = now.getTime() - at.getTime() < dayMs;
  return (
    <time dateTime={comment.createdAt} title={formats.exact(at)}>
      {isToday ? formats.ago(at, now) : formats.day(at, now)}
      {comment.editedAt !== undefined && ` (${words.commentEdited})`}
    </time>
  );
}

function namesIn({ mentions }: Comment, people: readonly Member[]): string[] {
  const mentioned = new Set(mentions?.users ?? []);
  return people.filter(({ userId }) => mentioned.has(userId)).map(({ username }) => username);
}
