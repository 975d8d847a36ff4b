"use client";
import type { Comment, Document, Member } from "@mirage/protocol";
import { Check, RotateCcw } from "lucide-react";
import { useEffect, useRef } from "react";
import { IconButton } from "../../icon-button.tsx";
import { useRealtime } from "../../provider.tsx";
import { useDocumentLabels } from "../use-document-labels.ts";
import { CommentForm } from "./comment-form.tsx";
import { CommentItem } from "./comment-item.tsx";
import type { AnchoredThread } from "./use-anchored-threads.ts";

interface ThreadProps {
  thread: AnchoredThread;
  document: Document;
  isActive: boolean;
  canComment: boolean;
  people: readonly Member[];
  onOpen(): void;
  onError(error: unknown): void;
}

/** One thread: what it is about, what was said, and the field for an answer. */
export function CommentThread({ thread, document, isActive, canComment, people, onOpen, onError }: ThreadProps) {
  const words = useDocumentLabels();
  const { realtime } = useRealtime();
  const { first, replies, isResolved, isLoose } = thread;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isActive) card.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  const resolve = () =>
    realtime.request("resolve_comment", { commentId: first.id, resolved: !isResolved }).catch(onError);
  const reply = async (content: string) => {
    const nonce = crypto.randomUUID();
    await realtime.request("add_comment", { documentId: document.id, threadId: thread.id, content, nonce });
  };
  const comments: readonly Comment[] = [first, ...replies];
  return (
    <section
      ref={card}
      className="mrg-doc-thread"
      data-active={isActive || undefined}
      aria-label={words.thread(first.quote ?? "")}
    >
      <div className="mrg-doc-thread-head">
        <button type="button" className="mrg-doc-quote" onClick={onOpen} disabled={isLoose} dir="auto">
          {first.quote ?? words.wholeDocument}
        </button>
        {canComment && (
          <IconButton label={isResolved ? words.reopen : words.resolve} onClick={() => void resolve()}>
            {isResolved ? <RotateCcw size={16} aria-hidden /> : <Check size={17} aria-hidden />}
          </IconButton>
        )}
      </div>
      {isLoose && first.anchor && !isResolved && <p className="mrg-doc-orphan">{words.textRemoved}</p>}
      {isResolved && first.resolvedBy && (
        <p className="mrg-doc-orphan">{words.resolvedBy(first.resolvedBy.username)}</p>
      )}
      {comments.map((comment) => (
        <CommentItem key={comment.id} comment={comment} document={document} people={people} onError={onError} />
      ))}
      {canComment && !isResolved && (
        <CommentForm
          label={words.replyComment}
          submitLabel={words.replyComment}
          people={people}
          onSubmit={reply}
          onError={onError}
        />
      )}
    </section>
  );
}
