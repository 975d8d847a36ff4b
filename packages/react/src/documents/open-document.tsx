"use client";
import type { DocumentHandle, DocumentState } from "@mirage/client/documents";
import type { Document } from "@mirage/protocol";
import { EditorContent } from "@tiptap/react";
import { useCallback, useState } from "react";
import { Trouble, useTrouble } from "../chat/trouble.tsx";
import { ConnectionBanner } from "../connection/connection-banner.tsx";
import { useMedia } from "../hooks/use-media.ts";
import { useAnchoredThreads } from "./comments/use-anchored-threads.ts";
import type { DocumentEditorProps } from "./document-editor.tsx";
import { DocumentHeader } from "./document-header.tsx";
import { DocumentNotices } from "./document-notices.tsx";
import { DocumentImages } from "./images/document-images.tsx";
import { ImageDescription } from "./images/image-description.tsx";
import { useIllustratedEditor } from "./images/use-illustrated-editor.ts";
import { CommentsPanel, VersionPreview, VersionsPanel } from "./lazy-panels.tsx";
import { MentionPopover } from "./mention-popover.tsx";
import { EditorToolbar } from "./toolbar/editor-toolbar.tsx";
import { type Panel, usePanel } from "./use-panel.ts";
import type { ShownVersion } from "./versions/versions-panel.tsx";

interface OpenDocumentProps extends DocumentEditorProps {
  handle: DocumentHandle;
  state: DocumentState;
  document: Document;
  /** Opens the document anew, without what was never taken. */
  onDiscard(): void;
}

/** A document that can be read: its header, its text and what stands beside it. */
export function OpenDocument({ handle, state, document, ...props }: OpenDocumentProps) {
  const trouble = useTrouble();
  const isPhone = useMedia("(width < 768px)");
  const { panel, open, close } = usePanel(props.threadId === undefined ? undefined : "comments");
  const [version, setVersion] = useState<ShownVersion>();
  const canEdit = state.role === "edit" && state.phase !== "refused" && document.trashedAt === null;
  const { editor, mentions, images } = useIllustratedEditor({
    ...props,
    handle,
    document,
    canEdit,
    onError: trouble.fail,
  });
  const showComments = useCallback(() => open("comments"), [open]);
  const threads = useAnchoredThreads({ handle, editor, first: props.threadId, onOpen: showComments });
  const { openThread, startDraft } = threads;
  const comment = useCallback(() => {
    setVersion(undefined);
    showComments();
    startDraft();
  }, [showComments, startDraft]);
  const show = (next: Panel) => {
    if (next === undefined || next === panel) close();
    else open(next);
    if (next !== "versions" || panel === "versions") setVersion(undefined);
    if (next !== "comments") openThread(undefined);
  };
  const canComment = state.role !== "view" && state.phase !== "refused" && document.trashedAt === null;
  const shared = { document, onClose: () => show(panel), onError: trouble.fail };
  return (
    <div
      className="mrg-chat mrg-doc"
      data-panel={panel}
      data-preview={version && true}
      data-phone={isPhone || undefined}
    >
      <section className="mrg-chat-main">
        <DocumentHeader
          {...props}
          handle={handle}
          state={state}
          document={document}
          canEdit={canEdit}
          isPhone={isPhone}
          panel={panel}
          openCount={threads.openCount}
          onPanel={show}
          onError={trouble.fail}
        />
        <ConnectionBanner pendingCount={0} />
        <DocumentNotices
          handle={handle}
          state={state}
          document={document}
          onDiscard={props.onDiscard}
          onError={trouble.fail}
        />
        {editor && !version && (canEdit || canComment) && (
          <EditorToolbar
            editor={editor}
            canEdit={canEdit}
            onComment={canComment ? comment : undefined}
            onImages={images?.add}
          />
        )}
        {version && <VersionPreview documentId={document.id} version={version} onClose={() => setVersion(undefined)} />}
        <div className="mrg-doc-scroll" hidden={version !== undefined}>
          <EditorContent editor={editor} className="mrg-doc-page" />
        </div>
        {editor && canEdit && !version && <ImageDescription editor={editor} />}
        {editor && images && <DocumentImages editor={editor} uploads={images} />}
        <Trouble text={trouble.text} onClose={trouble.clear} />
      </section>
      {panel === "comments" && <CommentsPanel {...shared} threads={threads} canComment={canComment} />}
      {panel === "versions" && <VersionsPanel {...shared} canEdit={canEdit} shown={version} onShow={setVersion} />}
      {editor && <MentionPopover editor={editor} mentions={mentions} />}
    </div>
  );
}
