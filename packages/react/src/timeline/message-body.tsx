"use client";
import type { TimelineItem } from "@mirage/client";
import { CornerUpRight, Pencil, Pin, RotateCcw, Trash2 } from "lucide-react";
import { MessageContent } from "../content/message-content.tsx";
import { useRealtime } from "../provider.tsx";
import type { ChatActions } from "./chat-actions.ts";
import { Reactions } from "./reactions.tsx";

interface MessageBodyProps {
  item: TimelineItem;
  original: { id: string; username: string; content: string } | undefined;
  names: readonly string[];
  canReact: boolean;
  isTabStop: boolean;
  actions: ChatActions;
}

/** A message without its author: what it answers, its text or tombstone, its state and reactions. */
export function MessageBody({ item, original, names, canReact, isTabStop, actions }: MessageBodyProps) {
  const { me, labels, formats } = useRealtime();
  const { message } = item;
  if (message.deleted) return <p className="mrg-tombstone">{labels.deleted}</p>;
  const editedAt = message.editedAt === undefined ? undefined : formats.exact(new Date(message.editedAt));
  return (
    <>
      {message.replyTo !== undefined && (
        <ReplyQuote original={original} isTabStop={isTabStop} onShow={actions.showMessage} />
      )}
      {message.pinned && (
        <span className="mrg-pinned">
          <Pin size={12} aria-hidden /> {labels.pinned}
        </span>
      )}
      <MessageContent content={message.content} names={names} ownName={me.username} />
      {message.edited && (
        <span className="mrg-edited" title={editedAt}>
          ({labels.edited})
        </span>
      )}
      {item.state === "pending" && <span className="mrg-hidden">{labels.pending}</span>}
      {item.state === "failed" && <FailedLine item={item} actions={actions} />}
      <Reactions
        message={message}
        canReact={canReact}
        isTabStop={isTabStop}
        onToggle={(emoji) => actions.toggleReaction(message, emoji)}
      />
    </>
  );
}

interface QuoteProps {
  original: MessageBodyProps["original"];
  isTabStop: boolean;
  onShow(messageId: string): void;
}

function ReplyQuote({ original, isTabStop, onShow }: QuoteProps) {
  const { labels } = useRealtime();
  if (!original) {
    return (
      <span className="mrg-quote">
        <CornerUpRight size={13} aria-hidden /> {labels.earlierMessage}
      </span>
    );
  }
  return (
    <button type="button" className="mrg-quote" tabIndex={isTabStop ? 0 : -1} onClick={() => onShow(original.id)}>
      <CornerUpRight size={13} aria-hidden />
      <b dir="auto">{original.username}</b>
      <span dir="auto">{original.content === "" ? labels.deleted : original.content}</span>
    </button>
  );
}

function FailedLine({ item, actions }: { item: TimelineItem; actions: ChatActions }) {
  const { labels } = useRealtime();
  return (
    <div className="mrg-failed">
      <span role="alert">
        {labels.failed}
        {item.error && `: ${item.error.message}`}
      </span>
      <button type="button" className="mrg-link-button" onClick={() => actions.retry(item.key)}>
        <RotateCcw size={13} aria-hidden /> {labels.retry}
      </button>
      <button type="button" className="mrg-link-button" onClick={() => actions.rewrite(item)}>
        <Pencil size={13} aria-hidden /> {labels.edit}
      </button>
      <button type="button" className="mrg-link-button" onClick={() => actions.discard(item.key)}>
        <Trash2 size={13} aria-hidden /> {labels.discard}
      </button>
    </div>
  );
}
