"use client";
import { limits } from "@mirage/protocol/limits";
import { useCallback, useState } from "react";
import { useRealtime } from "../provider.tsx";
import type { ComposerMode } from "./composer-mode.ts";

/** What is written at the moment. */
export interface ComposedText {
  text: string;
  setText(text: string): void;
  /** Code points that may still be written; negative past the limit. */
  left: number;
  isTooLong: boolean;
  isBlank: boolean;
}

/** The text of the composer: the room's draft, or, while editing, the message's own text beside it. */
export function useComposerText(roomId: string, mode: ComposerMode): ComposedText {
  const { drafts } = useRealtime();
  const editedId = mode.kind === "edit" ? mode.message.id : undefined;
  const original = mode.kind === "edit" ? mode.message.content : "";
  const [draft, setDraft] = useState(() => drafts.get(roomId));
  const [edit, setEdit] = useState({ id: editedId, text: original });
  if (edit.id !== editedId) setEdit({ id: editedId, text: original });
  const text = editedId === undefined ? draft : edit.text;
  const setText = useCallback(
    (next: string) => {
      if (editedId !== undefined) return setEdit({ id: editedId, text: next });
      setDraft(next);
      drafts.set(roomId, next);
    },
    [drafts, roomId, editedId],
  );
  const left = limits.messageCodePoints - countCodePoints(text);
  return { text, setText, left, isTooLong: left < 0, isBlank: text.trim() === "" };
}

// A string shorter than the limit in UTF-16 units is shorter in code points too, so most key presses count nothing.
function countCodePoints(text: string): number {
  if (text.length < limits.messageCodePoints * 0.8) return text.length;
  return Array.from(text.normalize("NFC")).length;
}
