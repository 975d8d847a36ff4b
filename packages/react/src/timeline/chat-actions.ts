import type { RoomHandle, TimelineItem } from "@mirage/client";
import type { Message } from "@mirage/protocol";

/** The documents that can be made of a message. */
export interface DocumentActions {
  makeDocument(message: Message): void;
  /** Of all that answer each other. */
  makeThreadDocument(message: Message): void;
  /** Begins to choose more. */
  startChoice(message: Message): void;
}

/** What can be done with messages of the room that is shown. Stable over renders, so that rows stay memoised. */
export interface ChatActions {
  reply(message: Message): void;
  edit(message: Message): void;
  askDelete(message: Message): void;
  toggleReaction(message: Message, emoji: string): void;
  togglePin(message: Message): void;
  copy(message: Message): void;
  /** Copies the address of a message; absent where the host names none. */
  copyLink: ((message: Message) => void) | undefined;
  retry(clientId: string): void;
  discard(clientId: string): void;
  /** Takes a failed message back into the composer. */
  rewrite(item: TimelineItem): void;
  /** Moves to a loaded message. */
  showMessage(messageId: string): void;
  /** Says why the reader was told of a message or not; absent where there are no notifications. */
  explain?: ((message: Message) => void) | undefined;
  /** Makes documents of messages; absent where there are none. */
  documents: DocumentActions | undefined;
  /** While messages are chosen: takes one in or leaves it out. */
  toggleChoice(message: Message): void;
  focusComposer(): void;
}

interface ActionOptions {
  room: RoomHandle;
  userId: string;
  messageUrl: ((message: Message) => string) | undefined;
  /** Tells the person that something was refused. */
  fail(error: unknown): void;
}

/** The actions that need nothing but the room. */
export function createRoomActions({ room, userId, messageUrl, fail }: ActionOptions) {
  return {
    toggleReaction(message: Message, emoji: string): void {
      const reaction = message.reactions.find((one) => one.emoji === emoji);
      const isOwn = reaction?.users.includes(userId) ?? false;
      (isOwn ? room.unreact(message.id, emoji) : room.react(message.id, emoji)).catch(fail);
    },
    togglePin(message: Message): void {
      (message.pinned ? room.unpin(message.id) : room.pin(message.id)).catch(fail);
    },
    copy(message: Message): void {
      navigator.clipboard.writeText(message.content).catch(fail);
    },
    copyLink:
      messageUrl && ((message: Message): void => void navigator.clipboard.writeText(messageUrl(message)).catch(fail)),
    retry: (clientId: string): void => room.retry(clientId),
    discard: (clientId: string): void => room.discard(clientId),
  };
}
