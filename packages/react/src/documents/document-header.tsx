"use client";
import type { DocumentHandle, DocumentState } from "@mirage/client/documents";
import type { Document } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { Ellipsis, FileText, History, MessageSquareText, UserPlus } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { AvatarStack } from "./avatar-stack.tsx";
import type { DocumentEditorProps } from "./document-editor.tsx";
import { isClosed } from "./is-closed.ts";
import { ShareDialog } from "./lazy-panels.tsx";
import { SaveStatus } from "./save-status.tsx";
import { useDocumentLabels } from "./use-document-labels.ts";
import type { Panel } from "./use-panel.ts";

interface HeaderProps extends Pick<DocumentEditorProps, "isNew" | "headerStart" | "headerEnd"> {
  handle: DocumentHandle;
  state: DocumentState;
  document: Document;
  canEdit: boolean;
  /** There is room for little beside the title. */
  isPhone: boolean;
  panel: Panel;
  /** How many threads are open. */
  openCount: number;
  onPanel(panel: Panel): void;
  onError(error: unknown): void;
}

/** The title, how far one's edits have come, who is here, and what can be opened beside the text. */
export function DocumentHeader(props: HeaderProps) {
  const { document } = props;
  const opener = useRef<HTMLButtonElement>(null);
  const takesFocus = useRef(props.isNew === true);
  const [isSharing, setIsSharing] = useState(false);
  return (
    <header className="mrg-header mrg-doc-header">
      {props.headerStart}
      <FileText className="mrg-header-icon" size={19} aria-hidden />
      <div className="mrg-header-text">
        {props.canEdit ? (
          <TitleField document={document} takesFocus={takesFocus} onError={props.onError} />
        ) : (
          <h1 dir="auto">{document.title}</h1>
        )}
        <SaveStatus state={props.state} />
      </div>
      {!isClosed(props.state) && <Actions {...props} opener={opener} onShare={() => setIsSharing(true)} />}
      {isSharing && <ShareDialog document={document} isOpen onOpenChange={setIsSharing} opener={opener} />}
      {props.headerEnd}
    </header>
  );
}

interface ActionsProps extends HeaderProps {
  /** Where the focus returns to from sharing. */
  opener: RefObject<HTMLButtonElement | null>;
  onShare(): void;
}

/** Who is here, and what can be opened beside the text. */
function Actions({ handle, isPhone, panel, openCount, onPanel, opener, onShare }: ActionsProps) {
  const words = useDocumentLabels();
  return (
    <>
      <AvatarStack awareness={handle.awareness} />
      <IconButton
        label={words.showComments(openCount)}
        className="mrg-doc-counted"
        aria-expanded={panel === "comments"}
        onClick={() => onPanel("comments")}
      >
        <MessageSquareText size={18} aria-hidden />
        {openCount > 0 && <span aria-hidden>{openCount > 99 ? "99+" : openCount}</span>}
      </IconButton>
      {isPhone ? (
        <MoreMenu opener={opener} onVersions={() => onPanel("versions")} onShare={onShare} />
      ) : (
        <>
          <IconButton label={words.versions} aria-expanded={panel === "versions"} onClick={() => onPanel("versions")}>
            <History size={18} aria-hidden />
          </IconButton>
          <IconButton ref={opener} label={words.share} aria-haspopup="dialog" onClick={onShare}>
            <UserPlus size={18} aria-hidden />
          </IconButton>
        </>
      )}
    </>
  );
}

interface MoreMenuProps {
  opener: RefObject<HTMLButtonElement | null>;
  onVersions(): void;
  onShare(): void;
}

/** What a phone has no room for in the header. */
function MoreMenu({ opener, onVersions, onShare }: MoreMenuProps) {
  const words = useDocumentLabels();
  const { labels } = useRealtime();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton ref={opener} label={labels.more}>
          <Ellipsis size={18} aria-hidden />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="mrg-menu mrg-layer" align="end" sideOffset={6} collisionPadding={8}>
          <DropdownMenu.Item className="mrg-menu-item" onSelect={onVersions}>
            <History size={16} aria-hidden /> {words.versions}
          </DropdownMenu.Item>
          <DropdownMenu.Item className="mrg-menu-item" onSelect={onShare}>
            <UserPlus size={16} aria-hidden /> {words.share}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface TitleFieldProps extends Pick<HeaderProps, "document" | "onError"> {
  /** Whether one begins here; not again, once one has. */
  takesFocus: RefObject<boolean>;
}

/** The title as a field that is stored when it is left. */
function TitleField({ document, takesFocus, onError }: TitleFieldProps) {
  const words = useDocumentLabels();
  const { realtime } = useRealtime();
  const [text, setText] = useState(document.title);
  const [isFocused, setIsFocused] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!takesFocus.current) return;
    takesFocus.current = false;
    field.current?.focus();
    field.current?.select();
  }, [takesFocus]);
  useEffect(() => {
    if (!isFocused) setText(document.title);
  }, [document.title, isFocused]);
  const store = () => {
    setIsFocused(false);
    const title = text.trim();
    if (title === "" || title === document.title) return setText(document.title);
    realtime.request("update_document", { documentId: document.id, title }).catch((error: unknown) => {
      setText(document.title);
      onError(error);
    });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") setText(document.title);
    if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <h1>
      <input
        ref={field}
        className="mrg-doc-title"
        dir="auto"
        aria-label={words.title}
        placeholder={words.untitled}
        maxLength={limits.documentTitleCodePoints}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onFocus={() => setIsFocused(true)}
        onBlur={store}
        onKeyDown={onKeyDown}
      />
    </h1>
  );
}
