"use client";
import { Popover } from "radix-ui";
import type { ReactNode, RefObject } from "react";

/** Where and how a popover stands. */
export interface PopoverPlace {
  className?: string | undefined;
  align: "start" | "end";
  side?: "top" | "bottom" | undefined;
  /** Its name for a screen reader. */
  label?: string | undefined;
  /** Takes the focus when it has closed. Default: the button. */
  onClosed?: (() => void) | undefined;
}

interface LayerProps extends PopoverPlace {
  button: RefObject<HTMLElement | null>;
  onClose(): void;
  children: ReactNode;
}

/** An open popover beside a button that is not its own. */
export function PopoverLayer({ button, className, align, side, label, onClose, onClosed, children }: LayerProps) {
  return (
    <Popover.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      {/* It stands before it is asked where it is. */}
      <Popover.Anchor virtualRef={button as RefObject<HTMLElement>} />
      <Popover.Portal>
        <Popover.Content
          className={className === undefined ? "mrg-popover mrg-layer" : `mrg-popover mrg-layer ${className}`}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
          onInteractOutside={(event) => {
            // The button closes it by itself, and would open it again.
            if (event.target instanceof Node && button.current?.contains(event.target)) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (onClosed) onClosed();
            else button.current?.focus();
          }}
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
