"use client";
import type { Message } from "@mirage/protocol";
import { SmilePlus } from "lucide-react";
import { EmojiPopover } from "../emoji-popover.tsx";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";

interface ReactionsProps {
  message: Message;
  canReact: boolean;
  /** Only in the message that Tab reaches are the reactions reached too. */
  isTabStop: boolean;
  onToggle: (emoji: string) => void;
}

/** The reactions under a message; one's own are pressed. */
export function Reactions({ message, canReact, isTabStop, onToggle }: ReactionsProps) {
  const { me, labels } = useRealtime();
  if (message.reactions.length === 0) return null;
  return (
    <div className="mrg-reactions">
      {message.reactions.map(({ emoji, count, users }) => (
        <button
          key={emoji}
          type="button"
          className="mrg-reaction"
          aria-pressed={users.includes(me.userId)}
          aria-label={labels.addEmoji(emoji, count)}
          disabled={!canReact}
          tabIndex={isTabStop ? 0 : -1}
          onClick={() => onToggle(emoji)}
        >
          <span className="mrg-reaction-emoji">{emoji}</span>
          <span className="mrg-reaction-count">{count}</span>
        </button>
      ))}
      {canReact && (
        <EmojiPopover onPick={onToggle} align="start">
          <IconButton label={labels.react} className="mrg-reaction mrg-reaction-add" tabIndex={isTabStop ? 0 : -1}>
            <SmilePlus size={14} aria-hidden />
          </IconButton>
        </EmojiPopover>
      )}
    </div>
  );
}
