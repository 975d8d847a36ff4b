"use client";
import type { DocumentHandle, DocumentState } from "@mirage/client/documents";
import type { Document } from "@mirage/protocol";
import { useEffect, useState } from "react";
import { useRealtime } from "../provider.tsx";
import { isClosed } from "./is-closed.ts";
import { useDocumentLabels } from "./use-document-labels.ts";

interface NoticesProps {
  handle: DocumentHandle;
  state: DocumentState;
  document: Document;
  /** Opens the document anew, without what was never taken. */
  onDiscard(): void;
  onError(error: unknown): void;
}

/** Why nothing can be written here any more, what became of what was, and the way on where there is one. */
export function DocumentNotices(props: NoticesProps) {
  const words = useDocumentLabels();
  const { realtime, labels } = useRealtime();
  const { state, document, onError } = props;
  const narrowed = useNarrowed(state);
  if (state.phase === "refused") return <Refused {...props} />;
  if (document.trashedAt !== null) {
    const takeOut = () =>
      realtime.request("update_document", { documentId: document.id, trashed: false }).catch(onError);
    return (
      <div className="mrg-banner" role="status">
        <span>{words.trashed}</span>
        <button type="button" onClick={() => void takeOut()}>
          {words.takeOut}
        </button>
      </div>
    );
  }
  if (!narrowed.role) return null;
  return (
    <div className="mrg-banner" role="alert">
      <span>{words.narrowedText[narrowed.role]}</span>
      <button type="button" onClick={narrowed.clear}>
        {labels.close}
      </button>
    </div>
  );
}

function Refused({ handle, state, onDiscard, onError }: NoticesProps) {
  const words = useDocumentLabels();
  const [isCopied, setIsCopied] = useState(false);
  const { pending } = state.save;
  const isLost = isClosed(state);
  const reason = isLost ? words.refusedText(pending) : words.stuckText(state.error?.message ?? "");
  const text = isLost && pending === 0 ? words.goneText : reason;
  const copy = async () => {
    try {
      // Only whoever needs it loads what writes Markdown.
      const { toMarkdown } = await import("@mirage/documents/markdown");
      await navigator.clipboard.writeText(toMarkdown(handle.doc));
      setIsCopied(true);
    } catch (error) {
      onError(error);
    }
  };
  return (
    <div className="mrg-banner mrg-banner-error mrg-doc-refusal" role="alert">
      <span>{text}</span>
      <button type="button" onClick={() => void copy()}>
        {isCopied ? words.copied : words.copyText}
      </button>
      {pending > 0 && (
        <button type="button" onClick={onDiscard}>
          {words.dropChanges}
        </button>
      )}
    </div>
  );
}

/** What one may still do, once one may no longer edit what one could edit before. */
function useNarrowed({ role, phase }: DocumentState) {
  const [couldEdit, setCouldEdit] = useState(false);
  useEffect(() => {
    if (role === "edit" && phase !== "loading") setCouldEdit(true);
  }, [role, phase]);
  const isNarrowed = couldEdit && phase === "live" && (role === "view" || role === "comment");
  return { role: isNarrowed ? role : undefined, clear: () => setCouldEdit(false) };
}
