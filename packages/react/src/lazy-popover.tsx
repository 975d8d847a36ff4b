"use client";
import { Slot } from "radix-ui";
import { type ReactElement, type ReactNode, Suspense, useRef } from "react";
import { lazyPart } from "./lazy-part.ts";
import type { PopoverPlace } from "./popover-layer.tsx";

const loadLayer = () => import("./popover-layer.tsx");
const PopoverLayer = lazyPart(() => loadLayer().then((module) => module.PopoverLayer));

interface LazyPopoverProps extends PopoverPlace {
  /** The button, one element that passes on what it is given. */
  trigger: ReactElement;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  children: ReactNode;
}

/** A button with a popover, whose placing is loaded when it is first pointed at or opened. */
export function LazyPopover({ trigger, isOpen, onOpenChange, children, ...place }: LazyPopoverProps) {
  const button = useRef<HTMLElement>(null);
  return (
    <>
      <Slot.Root
        ref={button}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        data-state={isOpen ? "open" : "closed"}
        // Where that fails, opening it tries again.
        onPointerEnter={() => loadLayer().catch(() => undefined)}
        onClick={() => onOpenChange(!isOpen)}
      >
        {trigger}
      </Slot.Root>
      {isOpen && (
        <Suspense>
          <PopoverLayer {...place} button={button} onClose={() => onOpenChange(false)}>
            {children}
          </PopoverLayer>
        </Suspense>
      )}
    </>
  );
}
