"use client";
import { colorsOf, type DocumentHandle } from "@mirage/client/documents";
import { contentName, documentExtensions } from "@mirage/documents";
import type { Document } from "@mirage/protocol";
import type { Extensions } from "@tiptap/core";
import { Collaboration } from "@tiptap/extension-collaboration";
import { CollaborationCaret } from "@tiptap/extension-collaboration-caret";
import { Placeholder } from "@tiptap/extensions";
import { type Editor, useEditor } from "@tiptap/react";
import { useEffect, useMemo } from "react";
import { useRealtime } from "../provider.tsx";
import { CommentHighlights } from "./comments/comment-highlights.ts";
import { renderCaret, renderSelection } from "./extensions/carets.ts";
import { LatestSelection } from "./extensions/latest-selection.ts";
import { MarkdownPaste } from "./extensions/markdown-paste.ts";
import { createMentions, type Mentions } from "./extensions/mentions.ts";
import { MessagePaste } from "./extensions/message-paste.ts";
import { OuterGaps } from "./extensions/outer-gaps.ts";
import { TableStops } from "./extensions/table-stops.ts";
import { ImagePaste } from "./images/image-paste.ts";
import { createImageView } from "./images/image-view.ts";
import { useDocumentLabels } from "./use-document-labels.ts";

interface EditorOptions {
  handle: DocumentHandle;
  document: Document;
  canEdit: boolean;
  onError(error: unknown): void;
  /** Takes pasted pictures; false where nobody may put any here. Stays the same. */
  onImages(files: readonly File[]): boolean;
}

/** The editor of a document, bound to its Yjs document and its people's cursors. */
export function useDocumentEditor({ handle, document, canEdit, onError, onImages }: EditorOptions) {
  const { realtime, me } = useRealtime();
  const words = useDocumentLabels();
  const mentions = useMemo(() => createMentions({ realtime, documentId: document.id }), [realtime, document.id]);
  const extensions = useMemo(
    (): Extensions => [
      ...documentExtensions({ suggestion: mentions.suggestion, imageView: createImageView(realtime.files) }),
      Collaboration.configure({ document: handle.doc, field: contentName }),
      CollaborationCaret.configure({
        provider: handle,
        user: { id: me.userId, name: me.username, ...colorsOf(me.userId) },
        render: renderCaret,
        selectionRender: renderSelection,
      }),
      Placeholder.configure({ placeholder: words.placeholder }),
      ImagePaste.configure({ onFiles: onImages }),
      MarkdownPaste,
      MessagePaste.configure({ realtime }),
      CommentHighlights.configure({ handle }),
      LatestSelection.configure({ doc: handle.doc }),
      TableStops,
      OuterGaps,
    ],
    [handle, mentions, me, words.placeholder, realtime, onImages],
  );
  const editor = useEditor(
    {
      extensions,
      editable: canEdit,
      immediatelyRender: false,
      shouldRerenderOnTransaction: false,
      textDirection: "auto",
      // The rest of the page shows what went wrong; the text stays as it was.
      onContentError: ({ error }) => onError(error),
    },
    [extensions],
  );
  useEffect(() => editor?.setEditable(canEdit, false), [editor, canEdit]);
  useLabel(editor, words.content(document.title));
  return { editor, mentions } satisfies { editor: Editor | null; mentions: Mentions };
}

function useLabel(editor: Editor | null, label: string): void {
  useEffect(() => {
    editor?.setOptions({
      editorProps: {
        attributes: { class: "mrg-doc-content", role: "textbox", "aria-multiline": "true", "aria-label": label },
      },
    });
  }, [editor, label]);
}
