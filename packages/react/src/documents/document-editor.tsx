"use client";
import type { DocumentHandle, DocumentState } from "@mirage/client/documents";
import { DoorClosed } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useStore } from "../hooks/use-store.ts";
import { useRealtime } from "../provider.tsx";
import type { ImageUpload } from "./images/image-upload.ts";
import { OpenDocument } from "./open-document.tsx";
import { useDocument } from "./use-document.ts";
import { useDocumentLabels } from "./use-document-labels.ts";

export interface DocumentEditorProps {
  documentId: string;
  /** It was just made: one begins in its title, whose words are selected. Default: false. */
  isNew?: boolean | undefined;
  /** A thread of comments to show first. */
  threadId?: string | undefined;
  /** Put before the title, for instance a button that opens the list of rooms. */
  headerStart?: ReactNode;
  /** Put behind the document's own buttons. */
  headerEnd?: ReactNode;
  /** Shown below the text when the document cannot be seen: one way out. */
  refusedAction?: ReactNode;
  /** Stores pictures somewhere else than on this server; null: none are offered. */
  uploadImage?: ImageUpload | null | undefined;
  /** Is told the title whenever it changes. */
  onTitle?: (title: string) => void;
}

/**
 * One document, whole: title, who is here, toolbar, text, comments, versions, sharing. It fills its parent, which needs a
 * height. Needs a `RealtimeProvider` above it, and `@mirage/react/styles.css` and `/documents.css` in the page.
 *
 * @example
 * ```tsx
 * <DocumentEditor documentId={documentId} />
 * ```
 */
export function DocumentEditor(props: DocumentEditorProps) {
  const [life, setLife] = useState(0);
  return <OpenedDocument key={life} {...props} onReopen={() => setLife(life + 1)} />;
}

function OpenedDocument({ onReopen, ...props }: DocumentEditorProps & { onReopen(): void }) {
  const handle = useDocument(props.documentId);
  if (!handle) return <DocumentSkeleton headerStart={props.headerStart} />;
  // Another document is another editor: nothing of this one's carries over.
  return (
    <Document key={handle.id} {...props} handle={handle} onDiscard={() => void handle.discard().finally(onReopen)} />
  );
}

function Document({ handle, ...props }: DocumentEditorProps & { handle: DocumentHandle; onDiscard(): void }) {
  const state = useStore(handle.state);
  const title = state.document?.title;
  const { onTitle } = props;
  useEffect(() => {
    if (title !== undefined) onTitle?.(title);
  }, [title, onTitle]);
  if (state.phase === "refused" && !hasText(handle, state)) {
    return <DocumentRefused state={state} action={props.refusedAction} />;
  }
  if (state.phase === "loading" || !state.document) return <DocumentSkeleton headerStart={props.headerStart} />;
  return <OpenDocument {...props} handle={handle} state={state} document={state.document} />;
}

/** Whoever wrote in a document that was then closed to them may copy what they have. */
function hasText({ doc }: DocumentHandle, { document }: DocumentState): boolean {
  return document !== undefined && doc.store.clients.size > 0;
}

function DocumentRefused({ state, action }: { state: DocumentState; action: ReactNode }) {
  const words = useDocumentLabels();
  const code = state.error?.code;
  const isHidden = code === undefined || code === "not_found" || code === "forbidden";
  return (
    <div className="mrg-refused" role="alert">
      <DoorClosed size={40} aria-hidden />
      <h1>{isHidden ? words.hiddenTitle : words.failedTitle}</h1>
      <p>{isHidden ? words.hiddenText : state.error?.message}</p>
      {action}
    </div>
  );
}

/** What stands there until the text does; seen only after a moment. */
function DocumentSkeleton({ headerStart }: { headerStart: ReactNode }) {
  const words = useDocumentLabels();
  const { labels } = useRealtime();
  return (
    <div className="mrg-chat mrg-doc" aria-busy="true">
      <section className="mrg-chat-main">
        <header className="mrg-header">{headerStart}</header>
        <div className="mrg-doc-scroll">
          <div className="mrg-doc-skeleton" role="status" aria-label={`${words.opening} ${labels.loading}`}>
            {["60%", "100%", "94%", "98%", "45%"].map((width) => (
              <span key={width} style={{ width }} />
            ))}
          </div>
        </div>
      </section>
    </div>
  );
}
