"use client";
import { limits } from "@mirage/protocol/limits";
import { useRealtime } from "../provider.tsx";

/** From here on the number of characters that are left is shown. */
const shownBelow = limits.messageCodePoints / 10;

/** How many characters are left, near the limit and past it. */
export function CharacterCount({ left }: { left: number }) {
  const { labels } = useRealtime();
  if (left > shownBelow) return null;
  return (
    <span
      className="mrg-count"
      data-over={left < 0 || undefined}
      role="status"
      aria-label={labels.charactersLeft(left)}
    >
      {left}
    </span>
  );
}
