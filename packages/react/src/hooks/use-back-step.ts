"use client";
import { useCallback, useEffect, useRef, useState } from "react";

/** How many layers lie over the page, kept with each step of the browser's history. */
const levelKey = "mrgLevel";

/** Something that opens and closes over the page. */
export interface BackStep {
  isOpen: boolean;
  open(): void;
  /** Calls `after` when the step of history is gone too, so that what it does with history comes behind that. */
  close(after?: () => void): void;
  /** Closes where a link takes the place of the step of history. */
  closeForLink(): void;
}

/**
 * On a phone, what covers the page owns one step of the browser's history while it is open: "back" closes the topmost
 * layer, and nothing else. Elsewhere it only opens and closes.
 */
export function useBackStep(): BackStep {
  const [isOpen, setIsOpen] = useState(false);
  /** The step that is its own; 0 for none. */
  const level = useRef(0);
  const closeForLink = useCallback(() => {
    level.current = 0;
    setIsOpen(false);
  }, []);
  const open = useCallback(() => {
    if (level.current === 0 && window.matchMedia("(width < 768px)").matches) {
      level.current = readLevel() + 1;
      window.history.pushState({ [levelKey]: level.current }, "");
    }
    setIsOpen(true);
  }, []);
  const close = useCallback(
    (after?: () => void) => {
      const isOnTop = level.current > 0 && level.current === readLevel();
      closeForLink();
      if (!isOnTop) return after?.();
      if (after) window.addEventListener("popstate", after, { once: true });
      window.history.back();
    },
    [closeForLink],
  );
  useEffect(() => {
    if (!isOpen) return;
    const onBack = () => {
      if (readLevel() < level.current) closeForLink();
    };
    window.addEventListener("popstate", onBack);
    return () => window.removeEventListener("popstate", onBack);
  }, [isOpen, closeForLink]);
  return { isOpen, open, close, closeForLink };
}

function readLevel(): number {
  const state: unknown = window.history.state;
  const level = typeof state === "object" && state !== null && levelKey in state ? state[levelKey] : 0;
  return typeof level === "number" ? level : 0;
}
