"use client";
import type { TimelineItem } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { CornerUpRight, Pencil, Pin, RotateCcw, Trash2 } from "lucide-react";
import { MessageContent } from "../content/message-content.tsx";
import { summariseMessage } from "../content/summarise-message.ts";
import { MessageFiles } from "../files/lazy-files.tsx";
import { useRealtime } from "../provider.tsx";
import type { ChatActions } from "./chat-actions.ts";
import { Reactions } from "./reactions.tsx";

/** What is shown of a message that another one answers. */
export type Original = Pick<Message, "id" | "username" | "content" | "attachments">;

interface MessageBodyProps {
  item: TimelineItem;
  original: Original | undefined;
  names: readonly string[];
  canReact: boolean;
  isTabStop: boolean;
  actions: ChatActions;
}

/** A message without its author: what it answers, its text or tombstone, its state and reactions. */
export function MessageBody({ item, original, names, canReact, isTabStop, actions }: MessageBodyProps) {
  const { me, labels, formats, MessageCards } = useRealtime();
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
      {message.content !== "" && <MessageContent content={message.content} names={names} ownName={me.username} />}
      {MessageCards && <MessageCards message={message} />}
      <MessageFiles item={item} isTabStop={isTabStop} onDiscard={actions.discard} />
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
      <span dir="auto">{summariseMessage(original) || labels.deleted}</span>
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
