"use client";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";

interface AppDialogProps {
  title: string;
  text?: string;
  /** The button that opens it; focus returns there. */
  trigger: ReactNode;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  children: ReactNode;
}

/** The frame of every dialog of the app. */
export function AppDialog({ title, text, trigger, isOpen, onOpenChange, children }: AppDialogProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Trigger asChild>{trigger}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="mrg-overlay mrg-layer" />
        <Dialog.Content
          className="mrg-dialog mrg-layer"
          {...(text === undefined ? { "aria-describedby": undefined } : {})}
        >
          <div className="mb-4 flex items-start gap-3">
            <div className="min-w-0 flex-1">
              <Dialog.Title>{title}</Dialog.Title>
              {text !== undefined && <Dialog.Description>{text}</Dialog.Description>}
            </div>
            <Dialog.Close className="mrg-icon-button" aria-label="Close" title="Close">
              <X size={18} aria-hidden />
            </Dialog.Close>
          </div>
          {children}
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
