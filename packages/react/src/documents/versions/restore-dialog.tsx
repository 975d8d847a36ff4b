"use client";
import type { DocumentVersion } from "@mirage/protocol";
import { AlertDialog } from "radix-ui";
import { useRealtime } from "../../provider.tsx";
import { useDocumentLabels } from "../use-document-labels.ts";

interface RestoreDialogProps {
  /** The version in question; absent: nothing is asked. */
  version: DocumentVersion | undefined;
  onConfirm(version: DocumentVersion): void;
  onClose(): void;
}

/** Asks before a version becomes the present one for everybody. */
export function RestoreDialog({ version, onConfirm, onClose }: RestoreDialogProps) {
  const words = useDocumentLabels();
  const { labels } = useRealtime();
  return (
    <AlertDialog.Root open={version !== undefined} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="mrg-overlay mrg-layer" />
        <AlertDialog.Content className="mrg-dialog mrg-layer">
          <AlertDialog.Title>{words.restoreTitle}</AlertDialog.Title>
          <AlertDialog.Description>{words.restoreText}</AlertDialog.Description>
          <div className="mrg-dialog-buttons">
            <AlertDialog.Cancel className="mrg-button">{labels.cancel}</AlertDialog.Cancel>
            <AlertDialog.Action className="mrg-button mrg-doc-primary" onClick={() => version && onConfirm(version)}>
              {words.restore}
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
