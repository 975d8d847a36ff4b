"use client";
import type { RoomHandle, RoomState } from "@mirage/client";
import { SendHorizontal, Smile } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useId, useImperativeHandle, useRef } from "react";
import { EmojiPopover } from "../emoji-popover.tsx";
import { AttachButton } from "../files/attach-button.tsx";
import { ComposerFiles } from "../files/composer-files.tsx";
import { useAttachments } from "../files/use-attachments.ts";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { findReadOnlyReason } from "../rights.ts";
import { CharacterCount } from "./character-count.tsx";
import { findKeyAction, insertAtCaret, pasteFiles, sendText, tellTyping } from "./composer-actions.ts";
import { ComposerBanner } from "./composer-banner.tsx";
import type { ComposerMode } from "./composer-mode.ts";
import { MentionList } from "./mention-list.tsx";
import { useComposerText } from "./use-composer-text.ts";
import { useMentionSuggestions } from "./use-mention-suggestions.ts";

export interface ComposerHandle {
  focus(): void;
  /** Puts text and files back, as of a message that failed. */
  restore(text: string, files?: Iterable<File>): void;
}

export interface ComposerProps {
  room: RoomHandle;
  state: RoomState;
  mode: ComposerMode;
  onModeChange(mode: ComposerMode): void;
  /** Arrow up in an empty composer. */
  onEditLast(): void;
  onError(error: unknown): void;
  placeholder: string;
  handle: React.Ref<ComposerHandle>;
}

/** Where one writes: grows with the text, keeps a draft, suggests people, sends on Enter. */
export function Composer(props: ComposerProps) {
  const reason = findReadOnlyReason(props.state.room);
  const { labels } = useRealtime();
  if (reason === undefined) return <OpenComposer {...props} />;
  return <p className="mrg-read-only">{reason === "archived" ? labels.archived : labels.announcementOnly}</p>;
}

function OpenComposer(props: ComposerProps) {
  const { room, state, mode, onModeChange, onEditLast, onError, handle } = props;
  const { labels } = useRealtime();
  const input = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const composed = useComposerText(room.id, mode);
  const attachments = useAttachments();
  const { text, setText } = composed;
  const mentions = useMentionSuggestions({ input, text, setText, state });
  const hasSuggestions = mentions.people.length > 0;
  useAutoGrow(input, text);
  useImperativeHandle(handle, () => ({
    focus: () => input.current?.focus(),
    restore(restored, files = []) {
      attachments.add(files);
      setText(text === "" ? restored : `${restored}\n${text}`);
      input.current?.focus();
    },
  }));
  useEffect(() => {
    if (mode.kind !== "new") input.current?.focus();
  }, [mode]);

  const leaveMode = useCallback(() => onModeChange({ kind: "new" }), [onModeChange]);
  const submit = () => {
    if (!sendText({ room, mode, composed, attachments, onError })) return;
    leaveMode();
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter and the arrows belong to it (229: older WebKit).
    if (event.nativeEvent.isComposing || event.keyCode === 229 || mentions.onKeyDown(event)) return;
    const run = findKeyAction(event, { submit, leaveMode, onEditLast, mode, isEmpty: text === "" });
    if (!run) return;
    event.preventDefault();
    run();
  };
  return (
    <div className="mrg-composer">
      {hasSuggestions && <MentionList id={listId} mentions={mentions} />}
      <ComposerBanner mode={mode} onCancel={leaveMode} />
      {mode.kind !== "edit" && <ComposerFiles attachments={attachments} />}
      <div className="mrg-composer-box">
        {mode.kind !== "edit" && <AttachButton onFiles={attachments.add} />}
        <EmojiPopover onPick={(emoji) => insertAtCaret(input.current, emoji, composed)} align="start">
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
          placeholder={props.placeholder}
          aria-label={labels.composer}
          aria-autocomplete="list"
          aria-controls={hasSuggestions ? listId : undefined}
          aria-activedescendant={hasSuggestions ? `${listId}-${mentions.activeIndex}` : undefined}
          aria-invalid={composed.isTooLong || undefined}
          enterKeyHint="send"
          onChange={(event) => {
            setText(event.target.value);
            mentions.onCaret();
            tellTyping(room, event.target.value);
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => mode.kind !== "edit" && pasteFiles(event, attachments)}
          onSelect={mentions.onCaret}
          onBlur={mentions.close}
        />
        <CharacterCount left={composed.left} />
        <SendButton
          isEdit={mode.kind === "edit"}
          isOff={(composed.isBlank && attachments.items.length === 0) || composed.isTooLong}
          onSend={submit}
        />
      </div>
    </div>
  );
}

function SendButton({ isEdit, isOff, onSend }: { isEdit: boolean; isOff: boolean; onSend(): void }) {
  const { labels } = useRealtime();
  return (
    <IconButton
      label={isEdit ? labels.save : labels.send}
      className="mrg-send"
      aria-disabled={isOff}
      // The keyboard of a phone stays open only while the text keeps the focus.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onSend}
    >
      <SendHorizontal size={18} aria-hidden />
    </IconButton>
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
