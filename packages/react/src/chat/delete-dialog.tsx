"use client";
import type { Message } from "@mirage/protocol";
import { AlertDialog } from "radix-ui";
import { summariseMessage } from "../content/summarise-message.ts";
import { useRealtime } from "../provider.tsx";

interface DeleteDialogProps {
  message: Message;
  onConfirm(message: Message): void;
  onClose(): void;
  /** Takes the focus when the question is gone: the menu that asked it is no longer there. */
  onClosed(): void;
}

/** Asks before a message is deleted for everyone. */
export function DeleteDialog({ message, onConfirm, onClose, onClosed }: DeleteDialogProps) {
  const { labels } = useRealtime();
  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="mrg-overlay mrg-layer" />
        <AlertDialog.Content
          className="mrg-dialog mrg-layer"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
        >
          <AlertDialog.Title>{labels.deleteTitle}</AlertDialog.Title>
          <AlertDialog.Description>{labels.deleteText}</AlertDialog.Description>
          <blockquote className="mrg-dialog-quote" dir="auto">
            {summariseMessage(message)}
          </blockquote>
          <div className="mrg-dialog-buttons">
            <AlertDialog.Cancel className="mrg-button">{labels.cancel}</AlertDialog.Cancel>
            <AlertDialog.Action className="mrg-button mrg-button-danger" onClick={() => onConfirm(message)}>
              {labels.delete}
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
