import type { RoomHandle } from "@mirage/client";
import type { KeyboardEvent } from "react";
import type { ComposerMode } from "./composer-mode.ts";
import type { ComposedText } from "./use-composer-text.ts";

interface SendOptions {
  room: RoomHandle;
  mode: ComposerMode;
  composed: ComposedText;
  onError(error: unknown): void;
}

/** Sends or saves what was written; answers whether there was something to send. */
export function sendText({ room, mode, composed, onError }: SendOptions): boolean {
  const { text } = composed;
  if (composed.isTooLong || composed.isBlank) return false;
  if (mode.kind === "edit") {
    if (text !== mode.message.content) room.edit(mode.message.id, text).catch(onError);
    return true;
  }
  room.send(mode.kind === "reply" ? { content: text, replyTo: mode.message.id } : { content: text });
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

/** Tells the others that someone writes, or has taken everything back. */
export function tellTyping(room: RoomHandle, text: string): void {
  if (text === "") room.stopTyping();
  else room.typing();
}
