"use client";
import type { Message } from "@mirage/protocol";
import { SmilePlus } from "lucide-react";
import { Suspense } from "react";
import { EmojiPopover } from "../emoji-popover.tsx";
import { IconButton } from "../icon-button.tsx";
import { lazyPart } from "../lazy-part.ts";
import { useRealtime } from "../provider.tsx";
import type { MessageAction } from "./message-actions.tsx";
import { MoreButton } from "./more-button.tsx";

/** Loaded with the first bar that is shown. */
const MessageDropdown = lazyPart(() => import("./message-dropdown.tsx").then((module) => module.MessageDropdown));

interface ToolbarProps {
  message: Message;
  list: readonly MessageAction[];
  canReact: boolean;
  isMenuOpen: boolean;
  onMenuChange(isOpen: boolean): void;
  onPickerChange(isOpen: boolean): void;
  onReact(emoji: string): void;
  /** Takes the focus when a menu or the picker has closed and nothing else wanted it. */
  onClosed(): void;
}

/** The bar over a message that is pointed at or focused: react, reply, edit, and a menu with everything. */
export function MessageToolbar(props: ToolbarProps) {
  const { labels } = useRealtime();
  const direct = props.list.filter((action) => action.id === "reply" || action.id === "edit");
  return (
    <div className="mrg-toolbar" role="toolbar" aria-label={labels.messageActions}>
      {props.canReact && (
        <EmojiPopover onPick={props.onReact} onOpenChange={props.onPickerChange} onClosed={props.onClosed}>
          <IconButton label={labels.react}>
            <SmilePlus size={16} aria-hidden />
          </IconButton>
        </EmojiPopover>
      )}
      {direct.map((action) => (
        <IconButton key={action.id} label={action.label} onClick={action.run}>
          {action.icon}
        </IconButton>
      ))}
      <Suspense fallback={<MoreButton onClick={() => props.onMenuChange(true)} />}>
        <MessageDropdown {...props} />
      </Suspense>
    </div>
  );
}
