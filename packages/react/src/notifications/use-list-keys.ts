"use client";
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";

interface ListKeys {
  /** Keys of the rows as they are shown, from top to bottom; each row carries its own as `data-key`. */
  keys: readonly string[];
  container: RefObject<HTMLElement | null>;
  /** Delete or Backspace on a row. */
  onDelete(key: string): void;
}

/** Arrow keys, Home and End move between rows, of which Tab reaches one. A row that goes hands the focus to its neighbour. */
export function useListKeys({ keys, container, onDelete }: ListKeys) {
  const [activeKey, setActiveKey] = useState<string>();
  const last = useRef({ index: 0, hadFocus: false });
  const found = activeKey === undefined ? -1 : keys.indexOf(activeKey);
  const index = Math.max(0, found === -1 ? Math.min(last.current.index, keys.length - 1) : found);
  const tabStopKey = keys[index];

  useEffect(() => {
    const { hadFocus } = last.current;
    last.current.index = index;
    const isLost = document.activeElement === document.body || document.activeElement?.matches("[role=dialog]");
    if (hadFocus && isLost && tabStopKey !== undefined) focusRow(container.current, tabStopKey);
  }, [index, tabStopKey, container]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const key = event.target instanceof HTMLElement ? event.target.dataset.key : undefined;
    if (key === undefined) return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onDelete(key);
      return;
    }
    const target = findTarget(event.key, index, keys.length);
    const targetKey = target === undefined ? undefined : keys[target];
    if (targetKey === undefined) return;
    event.preventDefault();
    setActiveKey(targetKey);
    focusRow(container.current, targetKey);
  };
  const onFocus = (event: { target: EventTarget }): void => {
    last.current.hadFocus = true;
    const row = event.target instanceof Element ? event.target.closest(".mrg-note") : null;
    const key = row?.querySelector<HTMLElement>("[data-key]")?.dataset.key;
    if (key !== undefined) setActiveKey(key);
  };
  // What is removed with the focus inside it does not say that it lost it.
  const onBlur = (event: { relatedTarget: EventTarget | null }): void => {
    if (event.relatedTarget !== null) last.current.hadFocus = false;
  };
  return { tabStopKey, handlers: { onKeyDown, onFocus, onBlur } };
}

function focusRow(container: HTMLElement | null, key: string): void {
  container?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

function findTarget(key: string, from: number, count: number): number | undefined {
  switch (key) {
    case "ArrowUp":
      return Math.max(0, from - 1);
    case "ArrowDown":
      return Math.min(count - 1, from + 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
