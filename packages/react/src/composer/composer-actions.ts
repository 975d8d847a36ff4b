import type { RoomHandle } from "@mirage/client";
import type { ClipboardEvent, KeyboardEvent } from "react";
import type { Attachments } from "../files/use-attachments.ts";
import type { ComposerMode } from "./composer-mode.ts";
import type { ComposedText } from "./use-composer-text.ts";

interface SendOptions {
  room: RoomHandle;
  mode: ComposerMode;
  composed: ComposedText;
  attachments: Attachments;
  onError(error: unknown): void;
}

/** Sends or saves what was written; answers whether there was something to send. */
export function sendText({ room, mode, composed, attachments, onError }: SendOptions): boolean {
  const { text } = composed;
  const hasFiles = mode.kind !== "edit" && attachments.items.length > 0;
  if (composed.isTooLong || (composed.isBlank && !hasFiles)) return false;
  if (mode.kind === "edit") {
    if (text !== mode.message.content) room.edit(mode.message.id, text).catch(onError);
    return true;
  }
  const draft = { content: text, attachments: attachments.take() };
  room.send(mode.kind === "reply" ? { ...draft, replyTo: mode.message.id } : draft);
  room.stopTyping();
  composed.setText("");
  return true;
}

interface KeyContext {
  submit(): void;
  leaveMode(): void;
  onEditLast(): void;
  mode: ComposerMode;
  isEmpty: boolean;
}

/** Says what a key does in the composer, if it does something of its own. */
export function findKeyAction(event: KeyboardEvent, context: KeyContext): (() => void) | undefined {
  if (event.key === "Enter" && !event.shiftKey) return context.submit;
  if (event.key === "ArrowUp" && context.isEmpty && context.mode.kind === "new") return context.onEditLast;
  if (event.key === "Escape" && context.mode.kind !== "new") return context.leaveMode;
  return undefined;
}

/** Puts an emoji where the caret is and the caret behind it. */
export function insertAtCaret(input: HTMLTextAreaElement | null, emoji: string, { text, setText }: ComposedText): void {
  const from = input?.selectionStart ?? text.length;
  const to = input?.selectionEnd ?? from;
  setText(text.slice(0, from) + emoji + text.slice(to));
  // The caret can only be placed in text that has been rendered.
  requestAnimationFrame(() => {
    input?.focus();
    input?.setSelectionRange(from + emoji.length, from + emoji.length);
  });
}

/** Takes pasted files as attachments; pasted text goes its usual way. */
export function pasteFiles(event: ClipboardEvent, attachments: Attachments): void {
  const { files } = event.clipboardData;
  if (files.length === 0) return;
  event.preventDefault();
  attachments.add([...files]);
}

/** Tells the others that someone writes, or has taken everything back. */
export function tellTyping(room: RoomHandle, text: string): void {
  if (text === "") room.stopTyping();
  else room.typing();
}
