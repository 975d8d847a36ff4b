"use client";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { LazyEmojiPicker, quickEmoji } from "../emoji-popover.tsx";
import { useRealtime } from "../provider.tsx";
import type { MessageAction } from "./message-actions.tsx";

interface SheetProps {
  list: readonly MessageAction[];
  canReact: boolean;
  onReact(emoji: string): void;
  onClose(): void;
}

/** What a long press opens: the same actions as the hover bar and its menu, at thumb height. */
export function MessageSheet({ list, canReact, onReact, onClose }: SheetProps) {
  const { labels } = useRealtime();
  const [isPicking, setIsPicking] = useState(false);
  const after = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="mrg-overlay mrg-layer" />
        <Dialog.Content className="mrg-sheet mrg-layer" aria-describedby={undefined}>
          <Dialog.Title className="mrg-hidden">{labels.messageActions}</Dialog.Title>
          {isPicking ? (
            <LazyEmojiPicker onPick={(emoji) => after(() => onReact(emoji))()} />
          ) : (
            <>
              {canReact && (
                <div className="mrg-quick">
                  {quickEmoji.map((emoji) => (
                    <button key={emoji} type="button" className="mrg-quick-emoji" onClick={after(() => onReact(emoji))}>
                      {emoji}
                    </button>
                  ))}
                  <button
                    type="button"
                    className="mrg-quick-emoji"
                    aria-label={labels.react}
                    onClick={() => setIsPicking(true)}
                  >
                    +
                  </button>
                </div>
              )}
              {list.map((action) => (
                <button
                  key={action.id}
                  type="button"
                  className={action.isDangerous ? "mrg-menu-item mrg-danger" : "mrg-menu-item"}
                  onClick={after(action.run)}
                >
                  {action.icon}
                  {action.label}
                </button>
              ))}
            </>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
