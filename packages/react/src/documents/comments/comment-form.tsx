"use client";
import type { Member } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { MentionList } from "../../composer/mention-list.tsx";
import { useMentionSuggestions } from "../../composer/use-mention-suggestions.ts";
import { useRealtime } from "../../provider.tsx";

interface FormProps {
  label: string;
  submitLabel: string;
  initial?: string;
  people: readonly Member[];
  isFocused?: boolean;
  /** Rejects when it was not taken: the text then stays. */
  onSubmit(content: string): Promise<void>;
  onCancel?: () => void;
  onError(error: unknown): void;
}

/** A field for a comment. Enter sends, Shift+Enter begins a line, Escape gives up; `@` offers people. */
export function CommentForm({ label, submitLabel, initial = "", people, isFocused, ...props }: FormProps) {
  const { labels } = useRealtime();
  const input = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [text, setText] = useState(initial);
  const [isRunning, setIsRunning] = useState(false);
  const state = useMemo(() => ({ members: [...people], items: [] }), [people]);
  const mentions = useMentionSuggestions({ input, text, setText, state });
  useEffect(() => {
    if (isFocused) input.current?.focus();
  }, [isFocused]);
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    const content = text.trim();
    if (content === "" || isRunning) return;
    setIsRunning(true);
    try {
      await props.onSubmit(content);
      setText("");
    } catch (error) {
      props.onError(error);
    } finally {
      setIsRunning(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || mentions.onKeyDown(event)) return;
    if (event.key === "Escape") props.onCancel?.();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void submit();
  };
  const isListed = mentions.people.length > 0;
  return (
    <form className="mrg-doc-comment-form" onSubmit={(event) => void submit(event)}>
      <textarea
        ref={input}
        className="mrg-input"
        dir="auto"
        rows={2}
        aria-label={label}
        placeholder={label}
        maxLength={limits.commentCodePoints}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          mentions.onCaret();
        }}
        onSelect={mentions.onCaret}
        onBlur={mentions.close}
        onKeyDown={onKeyDown}
        {...(isListed ? { "aria-controls": listId, "aria-activedescendant": `${listId}-${mentions.activeIndex}` } : {})}
      />
      {isListed && <MentionList id={listId} mentions={mentions} />}
      {(text.trim() !== "" || props.onCancel) && (
        <div className="mrg-doc-form-buttons">
          {props.onCancel && (
            <button type="button" className="mrg-button" onClick={props.onCancel}>
              {labels.cancel}
            </button>
          )}
          <button type="submit" className="mrg-button mrg-doc-primary" disabled={isRunning || text.trim() === ""}>
            {submitLabel}
          </button>
        </div>
      )}
    </form>
  );
}
