"use client";
import type { DocumentHandle } from "@mirage/client/documents";
import { limits } from "@mirage/protocol/limits";
import { type Editor, useEditorState } from "@tiptap/react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useStore } from "../../hooks/use-store.ts";
import { type Anchor, anchorOf, hasWords } from "./anchors.ts";
import { highlightsOf, setHighlights } from "./comment-highlights.ts";
import { groupThreads, type Thread } from "./threads.ts";

/** The words that are about to be commented. */
export interface Draft {
  anchor: Anchor;
  quote: string;
}

export interface AnchoredThread extends Thread {
  /** There is nothing to show it on: its text is gone, or it is resolved, or about the whole document. */
  isLoose: boolean;
}

/** The threads of a document in the order of its text, with the one that is looked at and the one being begun. */
export interface AnchoredThreads {
  threads: readonly AnchoredThread[];
  openCount: number;
  activeId: string | undefined;
  draft: Draft | undefined;
  /** Looks at a thread and scrolls to its text; nothing: looks away. */
  openThread(threadId: string | undefined): void;
  /** Begins a thread on the selected words; does nothing where none are. */
  startDraft(): void;
  endDraft(): void;
}

interface Options {
  handle: DocumentHandle;
  editor: Editor | null;
  /** A thread to look at as soon as it is known. */
  first: string | undefined;
  onOpen(): void;
}

/** Follows the comments of a document and where they hang. */
export function useAnchoredThreads({ handle, editor, first, onOpen }: Options): AnchoredThreads {
  const comments = useStore(handle.comments);
  const [draft, setDraft] = useState<Draft>();
  const shown = useEditorState({
    editor,
    selector: (context) => (context.editor ? highlightsOf(context.editor.state) : undefined),
  });
  const { activeId } = shown ?? {};
  const ranges = shown?.ranges;
  const threads = useMemo(() => {
    const placed = groupThreads(comments).map((thread) => ({ ...thread, isLoose: ranges?.[thread.id] === undefined }));
    const placeOf = ({ id }: Thread) => ranges?.[id]?.from ?? Number.POSITIVE_INFINITY;
    return placed.sort((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
  }, [comments, ranges]);

  const openThread = useCallback(
    (threadId: string | undefined) => {
      if (!editor || editor.isDestroyed) return;
      setHighlights(editor.view, { activeId: threadId });
      const range = threadId === undefined ? undefined : highlightsOf(editor.state).ranges[threadId];
      if (range) scrollTo(editor, range.from);
    },
    [editor],
  );
  const startDraft = useCallback(() => {
    if (!editor || !hasWords(editor.state)) return;
    const { from, to } = editor.state.selection;
    const anchor = anchorOf(editor.state, { from, to });
    if (!anchor) return;
    const words = editor.state.doc.textBetween(from, to, " ");
    setDraft({ anchor, quote: [...words].slice(0, limits.commentQuoteCodePoints).join("") });
    setHighlights(editor.view, { draft: { from, to }, activeId: undefined });
  }, [editor]);
  const endDraft = useCallback(() => {
    setDraft(undefined);
    if (editor && !editor.isDestroyed) setHighlights(editor.view, { draft: undefined });
  }, [editor]);

  useEffect(() => {
    if (activeId === undefined) return;
    onOpen();
    // The comments may leave less room for the text, and must not hide what they are about.
    const frame = requestAnimationFrame(() => {
      const range = editor && !editor.isDestroyed && highlightsOf(editor.state).ranges[activeId];
      if (range) scrollTo(editor, range.from, "nearest");
    });
    return () => cancelAnimationFrame(frame);
  }, [activeId, onOpen, editor]);
  const isFirstKnown = first !== undefined && ranges?.[first] !== undefined;
  useEffect(() => {
    if (isFirstKnown) openThread(first);
  }, [first, isFirstKnown, openThread]);
  const openCount = threads.filter(({ isResolved }) => !isResolved).length;
  return { threads, openCount, activeId, draft, openThread, startDraft, endDraft };
}

function scrollTo(editor: Editor, at: number, block: ScrollLogicalPosition = "center"): void {
  const { node } = editor.view.domAtPos(at);
  const element = node instanceof Element ? node : node.parentElement;
  element?.scrollIntoView({ block, behavior: "smooth" });
}
