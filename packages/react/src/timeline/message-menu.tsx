"use client";
import type { Message } from "@mirage/protocol";
import { Copy, Ellipsis, Pencil, Pin, PinOff, Reply, SmilePlus, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { EmojiPopover, quickEmoji } from "../emoji-popover.tsx";
import { IconButton } from "../icon-button.tsx";
import type { Labels } from "../labels.ts";
import { useRealtime } from "../provider.tsx";
import type { MessageRights } from "../rights.ts";
import type { ChatActions } from "./chat-actions.ts";

/** One thing that can be done with a message; the hover bar, the menu and the sheet are made of these. */
export interface MessageAction {
  id: string;
  label: string;
  icon: ReactNode;
  isDangerous?: boolean;
  run(): void;
}

/** Lists what the reader may do with a message, apart from reacting. */
export function listActions(
  message: Message,
  { rights, actions, labels }: { rights: MessageRights; actions: ChatActions; labels: Labels },
): MessageAction[] {
  const list: (MessageAction | false)[] = [
    rights.canReply && {
      id: "reply",
      label: labels.reply,
      icon: <Reply size={16} aria-hidden />,
      run: () => actions.reply(message),
    },
    rights.canEdit && {
      id: "edit",
      label: labels.edit,
      icon: <Pencil size={16} aria-hidden />,
      run: () => actions.edit(message),
    },
    message.content !== "" && {
      id: "copy",
      label: labels.copy,
      icon: <Copy size={16} aria-hidden />,
      run: () => actions.copy(message),
    },
    rights.canPin && {
      id: "pin",
      label: message.pinned ? labels.unpin : labels.pin,
      icon: message.pinned ? <PinOff size={16} aria-hidden /> : <Pin size={16} aria-hidden />,
      run: () => actions.togglePin(message),
    },
    rights.canDelete && {
      id: "delete",
      label: labels.delete,
      icon: <Trash2 size={16} aria-hidden />,
      isDangerous: true,
      run: () => actions.askDelete(message),
    },
  ];
  return list.filter((action) => action !== false);
}

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
      <DropdownMenu.Root modal={false} open={props.isMenuOpen} onOpenChange={props.onMenuChange}>
        <DropdownMenu.Trigger asChild>
          <IconButton label={labels.more}>
            <Ellipsis size={16} aria-hidden />
          </IconButton>
        </DropdownMenu.Trigger>
        <MenuContent {...props} />
      </DropdownMenu.Root>
    </div>
  );
}

function MenuContent({ list, canReact, onReact, onClosed }: ToolbarProps) {
  const returnFocus = (event: Event) => {
    event.preventDefault();
    // Replying and editing go to the composer, deleting to its question.
    if (document.activeElement === null || document.activeElement === document.body) onClosed();
  };
  return (
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        className="mrg-menu mrg-layer"
        align="end"
        sideOffset={6}
        collisionPadding={8}
        onCloseAutoFocus={returnFocus}
      >
        {canReact && (
          <div className="mrg-quick">
            {quickEmoji.map((emoji) => (
              <DropdownMenu.Item key={emoji} className="mrg-quick-emoji" onSelect={() => onReact(emoji)}>
                {emoji}
              </DropdownMenu.Item>
            ))}
          </div>
        )}
        {list.map((action) => (
          <DropdownMenu.Item
            key={action.id}
            className={action.isDangerous ? "mrg-menu-item mrg-danger" : "mrg-menu-item"}
            onSelect={action.run}
          >
            {action.icon}
            {action.label}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  );
}
