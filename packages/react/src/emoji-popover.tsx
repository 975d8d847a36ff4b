"use client";
import { Popover } from "radix-ui";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useRealtime } from "./provider.tsx";

const EmojiPicker = lazy(() => import("./emoji-picker.tsx").then((module) => ({ default: module.EmojiPicker })));

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
  children: ReactNode;
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
    <Popover.Root open={isOpen} onOpenChange={change}>
      <Popover.Trigger asChild>{props.children}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="mrg-popover mrg-layer"
          align={props.align ?? "end"}
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            if (!props.onClosed) return;
            event.preventDefault();
            props.onClosed();
          }}
        >
          <LazyEmojiPicker onPick={pick} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
