"use client";
import type { Document, DocumentPerson } from "@mirage/protocol";
import { type DocumentRole, documentRoles } from "@mirage/protocol/document-roles";
import { Check, Link, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type RefObject, useCallback, useEffect, useState } from "react";
import { Avatar } from "../avatar.tsx";
import { useRooms } from "../hooks/use-rooms.ts";
import { useRealtime } from "../provider.tsx";
import { AddPeople } from "./add-people.tsx";
import { useDocumentLabels } from "./use-document-labels.ts";

interface ShareDialogProps {
  document: Document;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  /** The button that opens it: the focus goes back there. */
  opener: RefObject<HTMLButtonElement | null>;
}

/** Who may see the document and what each may do; whoever manages it can change that. */
export function ShareDialog({ document, isOpen, onOpenChange, opener }: ShareDialogProps) {
  const words = useDocumentLabels();
  const { labels } = useRealtime();
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="mrg-overlay mrg-layer" />
        <Dialog.Content
          className="mrg-dialog mrg-layer mrg-doc-share"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            opener.current?.focus();
          }}
        >
          <div className="mrg-doc-share-head">
            <Dialog.Title>{words.shareTitle}</Dialog.Title>
            <Dialog.Close className="mrg-icon-button" aria-label={labels.close} title={labels.close}>
              <X size={18} aria-hidden />
            </Dialog.Close>
          </div>
          <Dialog.Description>{document.roomId === null ? words.shareOwn : words.shareRoom}</Dialog.Description>
          <People document={document} />
          <CopyLink />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function People({ document }: { document: Document }) {
  const { realtime, labels } = useRealtime();
  const canManage = useCanManage(document);
  const [people, setPeople] = useState<readonly DocumentPerson[]>();
  const [failure, setFailure] = useState<string>();
  const fail = useCallback(
    (error: unknown) => setFailure(labels.actionFailed(error instanceof Error ? error.message : String(error))),
    [labels],
  );
  const load = useCallback(
    () =>
      realtime
        .request("list_document_roles", { documentId: document.id })
        .then((answer) => setPeople(answer.people), fail),
    [realtime, document.id, fail],
  );
  useEffect(() => void load(), [load]);
  const setRole = async (userId: string, role: DocumentRole | null) => {
    setFailure(undefined);
    await realtime.request("set_document_role", { documentId: document.id, userId, role }).catch(fail);
    await load();
  };
  return (
    <>
      {canManage && people && (
        <AddPeople roomId={document.roomId} people={people} onAdd={(userId) => void setRole(userId, "edit")} />
      )}
      {failure !== undefined && (
        <p className="mrg-danger" role="alert">
          {failure}
        </p>
      )}
      <ul className="mrg-doc-people" aria-busy={people === undefined}>
        {people?.map((person) => (
          <PersonLine
            key={person.userId}
            person={person}
            isOwner={person.userId === document.ownerId}
            canManage={canManage}
            onRole={(role) => void setRole(person.userId, role)}
          />
        ))}
      </ul>
    </>
  );
}

interface LineProps {
  person: DocumentPerson;
  isOwner: boolean;
  canManage: boolean;
  onRole(role: DocumentRole | null): void;
}

function PersonLine({ person, isOwner, canManage, onRole }: LineProps) {
  const words = useDocumentLabels();
  const { me, labels } = useRealtime();
  const isFixed = isOwner || !canManage;
  return (
    <li className="mrg-person">
      <Avatar userId={person.userId} size={30} />
      <span className="mrg-person-name" dir="auto">
        {person.username}
        {person.userId === me.userId && <i> ({labels.you})</i>}
        {person.inherited && <span className="mrg-person-words">{words.byRoom}</span>}
      </span>
      {isFixed ? (
        <span className="mrg-role">{isOwner ? words.owner : words.roles[person.role]}</span>
      ) : (
        <select
          className="mrg-doc-role"
          aria-label={words.roleOf(person.username)}
          value={person.role}
          onChange={({ currentTarget: { value } }) => onRole(documentRoles.find((role) => role === value) ?? null)}
        >
          {documentRoles.map((role) => (
            <option key={role} value={role}>
              {words.roles[role]}
            </option>
          ))}
          {!person.inherited && <option value="">{words.noRole}</option>}
        </select>
      )}
    </li>
  );
}

function CopyLink() {
  const words = useDocumentLabels();
  const [isCopied, setIsCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(window.location.href.replace(/[?#].*$/, "")).then(
      () => setIsCopied(true),
      // Without permission the address still stands in the browser's own field.
      () => setIsCopied(false),
    );
  return (
    <button type="button" className="mrg-button mrg-doc-copy" onClick={() => void copy()}>
      {isCopied ? <Check size={16} aria-hidden /> : <Link size={16} aria-hidden />}
      <span role="status">{isCopied ? words.copied : words.copyLink}</span>
    </button>
  );
}

// What is offered; the server judges each change again.
function useCanManage({ isOwner, roomId }: Document): boolean {
  const role = useRooms().rooms.find(({ id }) => id === roomId)?.role;
  return isOwner || role === "owner" || role === "admin";
}
