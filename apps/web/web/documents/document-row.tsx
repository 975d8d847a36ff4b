"use client";
import type { Document } from "@mirage/protocol";
import { IconButton, nameRoom, useRequest, useRooms } from "@mirage/react";
import { Ellipsis, FileText, RotateCcw, Trash2 } from "lucide-react";
import Link from "next/link";
import { AlertDialog, DropdownMenu } from "radix-ui";
import { useState } from "react";
import { DialogError } from "../shell/app-dialog.tsx";
import { documentPath } from "./document-path.ts";
import { DocumentSummary } from "./document-summary.tsx";
import { EditorsNow } from "./editors-now.tsx";

/** A document in the list: its title, where it belongs, who changed it last and who is in it now. */
export function DocumentRow({ document, onChanged }: { document: Document; onChanged(): void }) {
  const room = useRooms().rooms.find(({ id }) => id === document.roomId);
  const [isAsked, setIsAsked] = useState(false);
  const update = useRequest("update_document");
  const remove = useRequest("delete_document");
  const isTrashed = document.trashedAt !== null;
  const trash = async (trashed: boolean) => {
    if (await update.run({ documentId: document.id, trashed })) onChanged();
  };
  const deleteForGood = async () => {
    if (await remove.run({ documentId: document.id })) onChanged();
  };
  return (
    <li className="border-b border-line last:border-b-0">
      <div className="flex min-h-16 items-center gap-1 rounded-xl pe-1 hover:bg-sunken">
        <Link href={documentPath(document.id)} className="flex min-h-16 min-w-0 flex-1 items-center gap-3 px-3">
          <FileText size={20} className="flex-none text-ink-faint" aria-hidden />
          <DocumentSummary document={document}>{room && ` · ${nameRoom(room)}`}</DocumentSummary>
          <EditorsNow document={document} />
        </Link>
        {(document.role === "edit" || document.isOwner) && (
          <RowMenu
            document={document}
            onTrash={(trashed) => void trash(trashed)}
            onDelete={document.isOwner && isTrashed ? () => setIsAsked(true) : undefined}
          />
        )}
      </div>
      <DialogError text={update.error ?? remove.error} />
      <DeleteQuestion
        title={document.title}
        isOpen={isAsked}
        onOpenChange={setIsAsked}
        onConfirm={() => void deleteForGood()}
      />
    </li>
  );
}

interface RowMenuProps {
  document: Document;
  onTrash(trashed: boolean): void;
  onDelete: (() => void) | undefined;
}

function RowMenu({ document, onTrash, onDelete }: RowMenuProps) {
  const isTrashed = document.trashedAt !== null;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton label={`What can be done with ${document.title}`}>
          <Ellipsis size={18} aria-hidden />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="mrg-menu mrg-layer" align="end" sideOffset={6} collisionPadding={8}>
          {isTrashed ? (
            <DropdownMenu.Item className="mrg-menu-item" onSelect={() => onTrash(false)}>
              <RotateCcw size={16} aria-hidden /> Take out of the trash
            </DropdownMenu.Item>
          ) : (
            <DropdownMenu.Item className="mrg-menu-item" onSelect={() => onTrash(true)}>
              <Trash2 size={16} aria-hidden /> Move to the trash
            </DropdownMenu.Item>
          )}
          {onDelete && (
            <DropdownMenu.Item className="mrg-menu-item mrg-danger" onSelect={onDelete}>
              <Trash2 size={16} aria-hidden /> Delete for good…
            </DropdownMenu.Item>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface QuestionProps {
  title: string;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  onConfirm(): void;
}

function DeleteQuestion({ title, isOpen, onOpenChange, onConfirm }: QuestionProps) {
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="mrg-overlay mrg-layer" />
        <AlertDialog.Content className="mrg-dialog mrg-layer">
          <AlertDialog.Title dir="auto">Delete “{title}” for good?</AlertDialog.Title>
          <AlertDialog.Description>
            Its text, versions and comments are gone for everybody. This cannot be undone.
          </AlertDialog.Description>
          <div className="mrg-dialog-buttons">
            <AlertDialog.Cancel className="mrg-button">Cancel</AlertDialog.Cancel>
            <AlertDialog.Action className="mrg-button mrg-button-danger" onClick={onConfirm}>
              Delete for good
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
