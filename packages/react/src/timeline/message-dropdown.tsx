"use client";
import { DropdownMenu } from "radix-ui";
import { quickEmoji } from "../emoji-popover.tsx";
import type { MessageAction } from "./message-actions.tsx";
import { MoreButton } from "./more-button.tsx";

interface DropdownProps {
  list: readonly MessageAction[];
  canReact: boolean;
  isMenuOpen: boolean;
  onMenuChange(isOpen: boolean): void;
  onReact(emoji: string): void;
  onClosed(): void;
}

/** The menu of a message, with everything that can be done. */
export function MessageDropdown(props: DropdownProps) {
  return (
    <DropdownMenu.Root modal={false} open={props.isMenuOpen} onOpenChange={props.onMenuChange}>
      <DropdownMenu.Trigger asChild>
        <MoreButton />
      </DropdownMenu.Trigger>
      <MenuContent {...props} />
    </DropdownMenu.Root>
  );
}

function MenuContent({ list, canReact, onReact, onClosed }: DropdownProps) {
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
