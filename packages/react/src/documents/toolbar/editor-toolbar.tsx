"use client";
import { type Editor, useEditorState } from "@tiptap/react";
import { MessageSquarePlus, Redo2, Undo2 } from "lucide-react";
import { Toolbar } from "radix-ui";
import { hasWords } from "../comments/anchors.ts";
import { useDocumentLabels } from "../use-document-labels.ts";
import { BlockKind } from "./block-kind.tsx";
import { ImageButton } from "./image-button.tsx";
import { LinkButton } from "./link-button.tsx";
import { TableButton } from "./table-button.tsx";
import { ToolButton } from "./tool-button.tsx";
import { blockTools, markTools, type Tool } from "./tools.tsx";

interface ToolbarProps {
  editor: Editor;
  canEdit: boolean;
  /** Absent: nothing can be commented. */
  onComment: (() => void) | undefined;
  /** Takes pictures that were chosen. Absent: none are offered. */
  onImages: ((files: readonly File[]) => void) | undefined;
}

/** What can be done with the selection. One stop of the tab key; the arrows go through it. */
export function EditorToolbar({ editor, canEdit, onComment, onImages }: ToolbarProps) {
  const words = useDocumentLabels();
  const can = useEditorState({
    editor,
    selector: (context) => ({
      undo: canEdit && context.editor.can().undo(),
      redo: canEdit && context.editor.can().redo(),
      comment: hasWords(context.editor.state),
    }),
  });
  return (
    <Toolbar.Root className="mrg-doc-toolbar" aria-label={words.toolbar} dir={readDirection()}>
      {canEdit && (
        <>
          <ToolButton label={words.undo} disabled={!can.undo} onClick={() => editor.chain().focus().undo().run()}>
            <Undo2 size={17} aria-hidden />
          </ToolButton>
          <ToolButton label={words.redo} disabled={!can.redo} onClick={() => editor.chain().focus().redo().run()}>
            <Redo2 size={17} aria-hidden />
          </ToolButton>
          <Toolbar.Separator className="mrg-doc-divider" />
          <BlockKind editor={editor} />
          <Toolbar.Separator className="mrg-doc-divider" />
          <Tools editor={editor} tools={markTools} />
          <LinkButton editor={editor} />
          <Toolbar.Separator className="mrg-doc-divider" />
          <Tools editor={editor} tools={blockTools} />
          <TableButton editor={editor} />
          {onImages && <ImageButton onFiles={onImages} />}
          {onComment && <Toolbar.Separator className="mrg-doc-divider" />}
        </>
      )}
      {onComment && (
        <ToolButton
          className="mrg-doc-comment-tool"
          label={can.comment ? words.comment : words.selectFirst}
          aria-disabled={!can.comment}
          onClick={() => can.comment && onComment()}
        >
          <MessageSquarePlus size={17} aria-hidden />
        </ToolButton>
      )}
    </Toolbar.Root>
  );
}

/** Of the page: the arrow keys go through the tools as they are seen. */
function readDirection(): "ltr" | "rtl" {
  return document.documentElement.dir === "rtl" ? "rtl" : "ltr";
}

function Tools({ editor, tools }: { editor: Editor; tools: readonly Tool[] }) {
  const words = useDocumentLabels();
  const active = useEditorState({
    editor,
    selector: (context) => tools.filter(({ name }) => context.editor.isActive(name)).map(({ id }) => id),
  });
  return tools.map(({ id, icon: Icon, run, keys }) => (
    <ToolButton
      key={id}
      label={words[id]}
      aria-pressed={active.includes(id)}
      {...(keys === undefined ? {} : { "data-keys": keys })}
      onClick={() => run(editor)}
    >
      <Icon size={17} aria-hidden />
    </ToolButton>
  ));
}
