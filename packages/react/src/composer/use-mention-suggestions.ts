"use client";
import type { RoomState } from "@mirage/client";
import type { Member } from "@mirage/protocol";
import { type KeyboardEvent, type RefObject, useCallback, useMemo, useState } from "react";
import { useRealtime } from "../provider.tsx";
import { findMentionQuery, type MentionQuery, rankPeople } from "./mention-query.ts";

interface SuggestionOptions {
  input: RefObject<HTMLTextAreaElement | null>;
  text: string;
  setText(text: string): void;
  /** The people who may be mentioned, and of whom the last words came. */
  state: Pick<RoomState, "members" | "items">;
}

/** The people who fit the `@word` at the caret, and the keys that choose one. */
export interface MentionSuggestions {
  people: readonly Member[];
  activeIndex: number;
  setActiveIndex(index: number): void;
  choose(person: Member): void;
  close(): void;
  /** Looks again where the caret is. */
  onCaret(): void;
  /** Answers whether the key was for the list. */
  onKeyDown(event: KeyboardEvent): boolean;
}

/** Follows the caret and suggests members of the room. */
export function useMentionSuggestions({ input, text, setText, state }: SuggestionOptions): MentionSuggestions {
  const { me } = useRealtime();
  const [query, setQuery] = useState<MentionQuery>();
  const [activeIndex, setActiveIndex] = useState(0);
  const people = useMemo(() => {
    if (!query) return [];
    const recent = state.items.map((item) => item.message.userId).reverse();
    const others = state.members.filter((member) => member.userId !== me.userId);
    return rankPeople(others, query.text, recent);
  }, [query, state.members, state.items, me.userId]);

  const close = useCallback(() => setQuery(undefined), []);
  const onCaret = useCallback(() => {
    const element = input.current;
    const isCaret = element && element.selectionStart === element.selectionEnd;
    const found = isCaret ? findMentionQuery(element.value, element.selectionStart) : undefined;
    setQuery((before) => (before?.from === found?.from && before?.text === found?.text ? before : found));
    setActiveIndex(0);
  }, [input]);

  const choose = (person: Member) => {
    if (!query) return;
    const end = query.from + 1 + query.text.length;
    const inserted = `@${person.username} `;
    const caret = query.from + inserted.length;
    setText(text.slice(0, query.from) + inserted + text.slice(end).replace(/^ /, ""));
    close();
    requestAnimationFrame(() => input.current?.setSelectionRange(caret, caret));
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    const active = people[activeIndex];
    if (!active) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setActiveIndex((activeIndex + step + people.length) % people.length);
    else if (event.key === "Enter" || event.key === "Tab") choose(active);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    return true;
  };
  return { people, activeIndex, setActiveIndex, choose, close, onCaret, onKeyDown };
}
