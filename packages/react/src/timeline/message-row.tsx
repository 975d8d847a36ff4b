"use client";
import type { TimelineItem } from "@mirage/client";
import type { Message, OwnRoom } from "@mirage/protocol";
import { type KeyboardEvent, memo, useRef, useState } from "react";
import { Avatar } from "../avatar.tsx";
import { useLongPress } from "../hooks/use-long-press.ts";
import { useRealtime } from "../provider.tsx";
import { messageRights } from "../rights.ts";
import type { ChatActions } from "./chat-actions.ts";
import { MessageBody } from "./message-body.tsx";
import { listActions, MessageToolbar } from "./message-menu.tsx";
import { MessageSheet } from "./message-sheet.tsx";

interface MessageRowProps {
  item: TimelineItem;
  room: OwnRoom | undefined;
  isContinuation: boolean;
  /** The one row that Tab reaches. */
  isTabStop: boolean;
  isFlashing: boolean;
  /** The message this one answers, where it is loaded. */
  original: { id: string; username: string; content: string } | undefined;
  names: readonly string[];
  actions: ChatActions;
}

/** One message: who, when, what, and what can be done with it. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { item, isContinuation, actions } = props;
  const { message } = item;
  const { me, labels, formats } = useRealtime();
  const [isPointed, setIsPointed] = useState(false);
  const [isPicking, setIsPicking] = useState(false);
  const [open, setOpen] = useState<"nothing" | "menu" | "sheet">("nothing");
  const row = useRef<HTMLElement>(null);
  const longPress = useLongPress(() => item.state === "sent" && setOpen("sheet"));
  const rights = messageRights(message, props.room, me.userId);
  const canAct = item.state === "sent" && !message.deleted;
  const isToolbarShown = canAct && (isPointed || isPicking || open === "menu");
  const list = isToolbarShown || open !== "nothing" ? listActions(message, { rights, actions, labels }) : [];
  const react = (emoji: string) => actions.toggleReaction(message, emoji);
  const openByKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || !canAct) return;
    if (event.key !== "Enter" && event.key !== "ContextMenu" && !(event.key === "F10" && event.shiftKey)) return;
    event.preventDefault();
    setOpen("menu");
  };
  return (
    <article
      ref={row}
      className="mrg-row"
      data-key={item.key}
      data-state={item.state}
      data-continuation={isContinuation || undefined}
      data-flash={props.isFlashing || undefined}
      data-own={message.userId === me.userId || undefined}
      aria-label={`${message.username}, ${formats.time(new Date(message.timestamp))}`}
      tabIndex={props.isTabStop ? 0 : -1}
      onPointerEnter={(event) => event.pointerType === "mouse" && setIsPointed(true)}
      onPointerLeave={() => setIsPointed(false)}
      onFocus={(event) => event.currentTarget.matches(":focus-visible, :has(:focus-visible)") && setIsPointed(true)}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setIsPointed(false)}
      onKeyDown={openByKey}
      {...longPress}
    >
      <RowSide message={message} isContinuation={isContinuation} />
      <div className="mrg-row-main">
        {!isContinuation && <RowHead message={message} />}
        <MessageBody
          item={item}
          original={props.original}
          names={props.names}
          canReact={rights.canReact}
          isTabStop={props.isTabStop}
          actions={actions}
        />
      </div>
      {isToolbarShown && (
        <MessageToolbar
          message={message}
          list={list}
          canReact={rights.canReact}
          isMenuOpen={open === "menu"}
          onMenuChange={(isOpen) => setOpen(isOpen ? "menu" : "nothing")}
          onPickerChange={setIsPicking}
          onReact={react}
          onClosed={() => row.current?.focus()}
        />
      )}
      {open === "sheet" && (
        <MessageSheet list={list} canReact={rights.canReact} onReact={react} onClose={() => setOpen("nothing")} />
      )}
    </article>
  );
});

/** The picture; within a group the time, when it is pointed at. */
function RowSide({ message, isContinuation }: { message: Message; isContinuation: boolean }) {
  return (
    <div className="mrg-row-side">
      {isContinuation ? (
        <Time message={message} className="mrg-row-time mrg-on-hover" />
      ) : (
        <Avatar userId={message.userId} />
      )}
    </div>
  );
}

function RowHead({ message }: { message: Message }) {
  return (
    <div className="mrg-row-head">
      <span className="mrg-row-name" dir="auto">
        {message.username}
      </span>
      <Time message={message} className="mrg-row-time" />
    </div>
  );
}

function Time({ message, className }: { message: Message; className: string }) {
  const { formats } = useRealtime();
  const at = new Date(message.timestamp);
  return (
    <time className={className} dateTime={message.timestamp} title={formats.exact(at)}>
      {formats.time(at)}
    </time>
  );
}
