"use client";
import type { RoomHandle, RoomState } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { SendHorizontal, Smile } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useId, useImperativeHandle, useRef } from "react";
import { EmojiPopover } from "../emoji-popover.tsx";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { findReadOnlyReason } from "../rights.ts";
import { CharacterCount } from "./character-count.tsx";
import { ComposerBanner } from "./composer-banner.tsx";
import { MentionList } from "./mention-list.tsx";
import { useComposerText } from "./use-composer-text.ts";
import { useMentionSuggestions } from "./use-mention-suggestions.ts";

/** What the composer is for at the moment. */
export type ComposerMode = { kind: "new" } | { kind: "reply" | "edit"; message: Message };

export interface ComposerHandle {
  focus(): void;
  /** Puts text back, as of a message that failed. */
  restore(text: string): void;
}

export interface ComposerProps {
  room: RoomHandle;
  state: RoomState;
  mode: ComposerMode;
  onModeChange(mode: ComposerMode): void;
  /** Arrow up in an empty composer. */
  onEditLast(): void;
  onError(error: unknown): void;
  handle: React.Ref<ComposerHandle>;
}

/** Where one writes: grows with the text, keeps a draft, suggests people, sends on Enter. */
export function Composer(props: ComposerProps) {
  const reason = findReadOnlyReason(props.state.room);
  const { labels } = useRealtime();
  if (reason === undefined) return <OpenComposer {...props} />;
  return <p className="mrg-read-only">{reason === "archived" ? labels.archived : labels.announcementOnly}</p>;
}

function OpenComposer({ room, state, mode, onModeChange, onEditLast, onError, handle }: ComposerProps) {
  const { labels } = useRealtime();
  const input = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const { text, setText, isTooLong, left, isBlank } = useComposerText(room.id, mode);
  const mentions = useMentionSuggestions({ input, text, setText, state });
  useAutoGrow(input, text);
  useImperativeHandle(handle, () => ({
    focus: () => input.current?.focus(),
    restore(restored) {
      setText(text === "" ? restored : `${restored}\n${text}`);
      input.current?.focus();
    },
  }));
  useEffect(() => {
    if (mode.kind !== "new") input.current?.focus();
  }, [mode]);

  const leaveMode = useCallback(() => onModeChange({ kind: "new" }), [onModeChange]);
  const submit = () => {
    if (isTooLong || isBlank) return;
    if (mode.kind === "edit") {
      if (text !== mode.message.content) room.edit(mode.message.id, text).catch(onError);
      leaveMode();
    } else {
      room.send(mode.kind === "reply" ? { content: text, replyTo: mode.message.id } : { content: text });
      room.stopTyping();
      setText("");
      leaveMode();
    }
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter and the arrows belong to it (229: older WebKit).
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (mentions.onKeyDown(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && text === "" && mode.kind === "new") {
      event.preventDefault();
      onEditLast();
    } else if (event.key === "Escape" && mode.kind !== "new") {
      event.preventDefault();
      leaveMode();
    }
  };
  const insert = (emoji: string) => {
    const at = input.current?.selectionStart ?? text.length;
    setText(`${text.slice(0, at)}${emoji}${text.slice(input.current?.selectionEnd ?? at)}`);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(at + emoji.length, at + emoji.length);
    });
  };
  return (
    <div className="mrg-composer">
      {mentions.people.length > 0 && <MentionList id={listId} mentions={mentions} />}
      <ComposerBanner mode={mode} onCancel={leaveMode} />
      <div className="mrg-composer-box">
        <EmojiPopover onPick={insert} align="start">
          <IconButton label={labels.insertEmoji}>
            <Smile size={20} aria-hidden />
          </IconButton>
        </EmojiPopover>
        <textarea
          ref={input}
          className="mrg-textarea"
          rows={1}
          dir="auto"
          value={text}
          placeholder={state.room ? labels.writeTo(state.room.name) : labels.composer}
          aria-label={labels.composer}
          aria-autocomplete="list"
          aria-controls={mentions.people.length > 0 ? listId : undefined}
          aria-activedescendant={mentions.people.length > 0 ? `${listId}-${mentions.activeIndex}` : undefined}
          aria-invalid={isTooLong || undefined}
          enterKeyHint="send"
          onChange={(event) => {
            setText(event.target.value);
            mentions.onCaret();
            if (event.target.value !== "") room.typing();
            else room.stopTyping();
          }}
          onKeyDown={onKeyDown}
          onSelect={mentions.onCaret}
          onBlur={mentions.close}
        />
        <CharacterCount left={left} />
        <IconButton
          label={mode.kind === "edit" ? labels.save : labels.send}
          className="mrg-send"
          aria-disabled={isBlank || isTooLong}
          // The keyboard of a phone stays open only while the text keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={submit}
        >
          <SendHorizontal size={18} aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}

/** Fits the height to the text where the browser does not do it by itself. */
function useAutoGrow(input: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useEffect(() => {
    const element = input.current;
    // The rendered text is what is measured.
    if (!element || element.value !== text || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [input, text]);
}
