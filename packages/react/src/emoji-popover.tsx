"use client";
import { type ReactElement, Suspense, useState } from "react";
import { lazyPart } from "./lazy-part.ts";
import { LazyPopover } from "./lazy-popover.tsx";
import { useRealtime } from "./provider.tsx";

const EmojiPicker = lazyPart(() => import("./emoji-picker.tsx").then((module) => module.EmojiPicker));

/** Reactions that are one tap away. */
export const quickEmoji = ["👍", "❤️", "😂", "🎉", "😮", "🙏"];

/** The picker without its frame, loaded when first shown. */
export function LazyEmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { labels } = useRealtime();
  return (
    <Suspense fallback={<div className="mrg-picker mrg-picker-note">{labels.loading}</div>}>
      <EmojiPicker onPick={onPick} />
    </Suspense>
  );
}

/** A button that opens the emoji picker; focus returns to the button when it closes. */
export function EmojiPopover(props: {
  /** The button. */
  children: ReactElement;
  onPick: (emoji: string) => void;
  onOpenChange?: (isOpen: boolean) => void;
  /** Takes the focus when the picker has closed. Default: the button. */
  onClosed?: () => void;
  align?: "start" | "end";
}) {
  const [isOpen, setIsOpen] = useState(false);
  const change = (next: boolean) => {
    setIsOpen(next);
    props.onOpenChange?.(next);
  };
  const pick = (emoji: string) => {
    change(false);
    props.onPick(emoji);
  };
  return (
    <LazyPopover
      trigger={props.children}
      isOpen={isOpen}
      onOpenChange={change}
      align={props.align ?? "end"}
      onClosed={props.onClosed}
    >
      <LazyEmojiPicker onPick={pick} />
    </LazyPopover>
  );
}
