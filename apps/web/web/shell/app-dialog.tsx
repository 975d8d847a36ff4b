"use client";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, type RefObject, Suspense } from "react";

interface AppDialogProps {
  title: string;
  text?: string;
  /** The button that opens it; focus returns there. Absent: something else opens it. */
  trigger?: ReactNode;
  /** Where the focus returns to when there is no trigger. */
  opener?: RefObject<HTMLElement | null>;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  children: ReactNode;
}

/** The frame of every dialog of the app. */
export function AppDialog({ title, text, trigger, opener, isOpen, onOpenChange, children }: AppDialogProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      {trigger !== undefined && <Dialog.Trigger asChild>{trigger}</Dialog.Trigger>}
      <Dialog.Portal>
        <Dialog.Overlay className="mrg-overlay mrg-layer" />
        <Dialog.Content
          className="mrg-dialog mrg-layer scroll-pt-20"
          {...(text === undefined ? { "aria-describedby": undefined } : {})}
          onCloseAutoFocus={(event) => {
            if (!opener) return;
            event.preventDefault();
            opener.current?.focus();
          }}
        >
          {/* Stays where a long dialog is scrolled: the way out is always in reach. */}
          <div className="sticky -top-6 z-10 -mx-6 -mt-6 mb-2 flex items-start gap-3 bg-raised px-6 pt-6 pb-2">
            <div className="min-w-0 flex-1">
              <Dialog.Title>{title}</Dialog.Title>
              {text !== undefined && <Dialog.Description>{text}</Dialog.Description>}
            </div>
            <Dialog.Close className="mrg-icon-button" aria-label="Close" title="Close">
              <X size={18} aria-hidden />
            </Dialog.Close>
          </div>
          {/* What is in it may be loaded when it opens. */}
          <Suspense fallback={<p aria-busy="true">Loading…</p>}>{children}</Suspense>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Why something in a dialog did not work. */
export function DialogError({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <div role="alert" className="rounded-xl bg-danger-soft px-3.5 py-2.5 text-sm text-danger">
      {text}
    </div>
  );
}
