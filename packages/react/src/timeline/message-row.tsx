"use client";
import type { TimelineItem } from "@mirage/client";
import type { Message, OwnRoom } from "@mirage/protocol";
import { type KeyboardEvent, memo, useRef, useState } from "react";
import { Avatar } from "../avatar.tsx";
import { useLongPress } from "../hooks/use-long-press.ts";
import { useRealtime } from "../provider.tsx";
import { messageRights } from "../rights.ts";
import type { ChatActions } from "./chat-actions.ts";
import { listActions } from "./message-actions.tsx";
import { MessageBody, type Original } from "./message-body.tsx";
import { MessageSheet } from "./message-sheet.tsx";
import { MessageToolbar } from "./message-toolbar.tsx";

interface MessageRowProps {
  item: TimelineItem;
  room: OwnRoom | undefined;
  isContinuation: boolean;
  /** The one row that Tab reaches. */
  isTabStop: boolean;
  isFlashing: boolean;
  /** The message this one answers, where it is loaded. */
  original: Original | undefined;
  names: readonly string[];
  /** Whether another message that is loaded answers this one. */
  isAnswered: boolean;
  /** While messages are chosen: whether this one is; else absent. */
  isChosen: boolean | undefined;
  actions: ChatActions;
}

/** One message: who, when, what, and what can be done with it. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { item, isContinuation, isAnswered, actions } = props;
  const { message } = item;
  const { me, labels, formats } = useRealtime();
  const [isPointed, setIsPointed] = useState(false);
  const [isPicking, setIsPicking] = useState(false);
  const [open, setOpen] = useState<"nothing" | "menu" | "sheet">("nothing");
  const row = useRef<HTMLElement>(null);
  const isChoosing = props.isChosen !== undefined;
  const longPress = useLongPress(() => item.state === "sent" && !isChoosing && setOpen("sheet"));
  const rights = messageRights(message, props.room, me.userId);
  const isThere = item.state === "sent" && !message.deleted;
  const canAct = isThere && !isChoosing;
  const isToolbarShown = canAct && (isPointed || isPicking || open === "menu");
  const list =
    isToolbarShown || open !== "nothing" ? listActions(message, { rights, actions, labels, isAnswered }) : [];
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
      data-chosen={props.isChosen || undefined}
      aria-label={`${message.username}, ${formats.time(new Date(message.timestamp))}`}
      tabIndex={props.isTabStop ? 0 : -1}
      onPointerEnter={(event) => event.pointerType === "mouse" && setIsPointed(true)}
      onPointerLeave={() => setIsPointed(false)}
      onFocus={(event) => event.currentTarget.matches(":focus-visible, :has(:focus-visible)") && setIsPointed(true)}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setIsPointed(false)}
      onKeyDown={openByKey}
      {...longPress}
    >
      {isChoosing && isThere && <RowChoice message={message} isChosen={props.isChosen === true} actions={actions} />}
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

/** A box that the whole row ticks. */
function RowChoice({ message, isChosen, actions }: { message: Message; isChosen: boolean; actions: ChatActions }) {
  const { labels, formats } = useRealtime();
  return (
    <label className="mrg-row-choice">
      <input
        type="checkbox"
        aria-label={labels.chooseMessage(message.username, formats.time(new Date(message.timestamp)))}
        checked={isChosen}
        onChange={() => actions.toggleChoice(message)}
      />
    </label>
  );
}

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
