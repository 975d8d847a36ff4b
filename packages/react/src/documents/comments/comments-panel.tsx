"use client";
import type { Document } from "@mirage/protocol";
import { X } from "lucide-react";
import { useCallback, useState } from "react";
import { IconButton } from "../../icon-button.tsx";
import { useRealtime } from "../../provider.tsx";
import { useDocumentLabels } from "../use-document-labels.ts";
import { CommentForm } from "./comment-form.tsx";
import { CommentThread } from "./comment-thread.tsx";
import type { AnchoredThreads } from "./use-anchored-threads.ts";
import { useMentionable } from "./use-mentionable.ts";

interface PanelProps {
  document: Document;
  threads: AnchoredThreads;
  canComment: boolean;
  onClose(): void;
  onError(error: unknown): void;
}

/** What people say about the text: open threads in the order of the text, or those that were resolved. */
export function CommentsPanel({ document, threads, canComment, onClose, onError }: PanelProps) {
  const words = useDocumentLabels();
  const { labels, realtime } = useRealtime();
  const [isResolved, setIsResolved] = useState(false);
  const people = useMentionable(document.id);
  const { draft, endDraft } = threads;
  const shown = threads.threads.filter((thread) => thread.isResolved === isResolved);
  const add = useCallback(
    async (content: string) => {
      if (!draft) return;
      const nonce = crypto.randomUUID();
      await realtime.request("add_comment", { documentId: document.id, content, ...draft, nonce });
      endDraft();
    },
    [realtime, document.id, draft, endDraft],
  );
  return (
    <aside className="mrg-people mrg-doc-panel" aria-label={words.comments}>
      <header className="mrg-people-head">
        <h2>{words.comments}</h2>
        <IconButton label={labels.close} onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      <fieldset className="mrg-doc-tabs">
        {[false, true].map((which) => (
          <button
            key={String(which)}
            type="button"
            aria-pressed={isResolved === which}
            onClick={() => setIsResolved(which)}
          >
            {which ? words.resolvedComments : words.openComments}
          </button>
        ))}
      </fieldset>
      <div className="mrg-people-list">
        {draft && (
          <section className="mrg-doc-thread" data-active aria-label={words.thread(draft.quote)}>
            <blockquote dir="auto">{draft.quote}</blockquote>
            <CommentForm
              label={words.newComment}
              submitLabel={words.addComment}
              people={people}
              isFocused
              onSubmit={add}
              onCancel={endDraft}
              onError={onError}
            />
          </section>
        )}
        {!draft && shown.length === 0 && (
          <p className="mrg-doc-empty">{isResolved ? words.noResolved : words.noComments}</p>
        )}
        {shown.map((thread) => (
          <CommentThread
            key={thread.id}
            thread={thread}
            document={document}
            isActive={thread.id === threads.activeId}
            canComment={canComment}
            people={people}
            onOpen={() => threads.openThread(thread.id)}
            onError={onError}
          />
        ))}
      </div>
    </aside>
  );
}
