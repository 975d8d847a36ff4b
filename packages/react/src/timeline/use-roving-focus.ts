"use client";
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { Row } from "./build-rows.ts";

interface RovingOptions {
  rows: readonly Row[];
  container: RefObject<HTMLElement | null>;
  scrollToRow(index: number): void;
  onLeave(): void;
}

/** Arrow keys move between messages, of which Tab reaches one; Escape leaves for the composer. */
export function useRovingFocus({ rows, container, scrollToRow, onLeave }: RovingOptions) {
  const [activeKey, setActiveKey] = useState<string>();
  const wanted = useRef<string>(undefined);
  const known = rows.findIndex((row) => row.kind === "message" && row.key === activeKey);
  const activeIndex = known === -1 ? findMessage(rows, rows.length - 1, -1) : known;
  const tabStopKey = rows[activeIndex]?.key;
  const newestKey = rows.at(-1)?.key;

  // Whoever is elsewhere when something new comes finds that first when they return, and not what they once stood on.
  useEffect(() => {
    if (newestKey !== undefined && !container.current?.contains(document.activeElement)) setActiveKey(undefined);
  }, [newestKey, container]);

  useEffect(() => {
    const key = wanted.current;
    if (key === undefined) return;
    // The list mounts the row after it has scrolled there.
    const frame = requestAnimationFrame(() => {
      const row = container.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
      if (row) wanted.current = undefined;
      row?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  });

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      if (!(event.target instanceof HTMLElement) || event.target.dataset.key === undefined) return;
      if (event.key === "Escape") return onLeave();
      const index = findTarget(event.key, rows, activeIndex);
      const row = index === undefined ? undefined : rows[index];
      if (index === undefined || !row) return;
      event.preventDefault();
      wanted.current = row.key;
      setActiveKey(row.key);
      scrollToRow(index);
    },
    [rows, activeIndex, scrollToRow, onLeave],
  );
  const onFocus = useCallback((key: string) => setActiveKey(key), []);
  return { tabStopKey, activeIndex, onKeyDown, onFocus };
}

function findTarget(key: string, rows: readonly Row[], from: number): number | undefined {
  switch (key) {
    case "ArrowUp":
      return findMessage(rows, from - 1, -1);
    case "ArrowDown":
      return findMessage(rows, from + 1, 1);
    case "Home":
      return findMessage(rows, 0, 1);
    case "End":
      return findMessage(rows, rows.length - 1, -1);
    default:
      return undefined;
  }
}

function findMessage(rows: readonly Row[], from: number, step: 1 | -1): number {
  for (let index = from; index >= 0 && index < rows.length; index += step) {
    if (rows[index]?.kind === "message") return index;
  }
  return Math.min(Math.max(from - step, 0), Math.max(rows.length - 1, 0));
}
