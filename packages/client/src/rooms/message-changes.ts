import type { Message } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";

/**
 * What one's own commands do to a message, as the server will do it. Each may be applied to a message that has the
 * change already: then it changes nothing, so the order of answer and event does not matter.
 */
export type MessageChange = (message: Message) => Message;

export function withContent(content: string): MessageChange {
  return (message) => (message.deleted ? message : { ...message, content, edited: true });
}

export const asDeleted: MessageChange = ({ attachments: _, preview: __, ...message }) => ({
  ...message,
  content: "",
  metadata: {},
  reactions: [],
  deleted: true,
});

export function withPin(pinned: boolean): MessageChange {
  return (message) => ({ ...message, pinned });
}

export function withReaction(emoji: string, userId: string): MessageChange {
  return (message) => {
    const known = message.reactions.find((reaction) => reaction.emoji === emoji);
    if (known?.users.includes(userId)) return message;
    const reaction = {
      emoji,
      count: (known?.count ?? 0) + 1,
      users: [...(known?.users ?? []), userId].slice(0, limits.reactionUsersListed),
    };
    const reactions = known
      ? message.reactions.map((other) => (other === known ? reaction : other))
      : [...message.reactions, reaction];
    return { ...message, reactions };
  };
}

export function withoutReaction(emoji: string, userId: string): MessageChange {
  return (message) => ({
    ...message,
    reactions: message.reactions.flatMap((reaction) => {
      if (reaction.emoji !== emoji || !reaction.users.includes(userId)) return [reaction];
      if (reaction.count <= 1) return [];
      return [{ ...reaction, count: reaction.count - 1, users: reaction.users.filter((id) => id !== userId) }];
    }),
  });
}

/** Changes that are shown before the server has answered. Taking one back leaves the others. */
export class PendingChanges {
  #pending: { messageId: string; change: MessageChange }[] = [];

  /** Returns what ends the change, whether it was done or refused. */
  add(messageId: string, change: MessageChange): () => void {
    const own = { messageId, change };
    this.#pending.push(own);
    return () => {
      this.#pending = this.#pending.filter((pending) => pending !== own);
    };
  }

  /** Answers the same message where nothing is pending. */
  applyTo(message: Message): Message {
    let changed = message;
    for (const { messageId, change } of this.#pending) if (messageId === message.id) changed = change(changed);
    return changed;
  }
}
