"use client";
import type { RoomHandle } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { type RefObject, useMemo } from "react";
import type { ComposerHandle } from "../composer/composer.tsx";
import type { ComposerMode } from "../composer/composer-mode.ts";
import { useRealtime } from "../provider.tsx";
import { type ChatActions, createRoomActions } from "../timeline/chat-actions.ts";
import type { MessageListHandle } from "../timeline/message-list.tsx";
import type { MessageChoice } from "./use-message-choice.ts";

interface Options {
  room: RoomHandle;
  choice: MessageChoice;
  list: RefObject<MessageListHandle | null>;
  composer: RefObject<ComposerHandle | null>;
  fail(error: unknown): void;
  onMode(mode: ComposerMode): void;
  onDelete(message: Message): void;
  onExplain(message: Message): void;
}

/** What can be done with the messages of an open room. Stays the same while the room does; so do all of the functions. */
export function useChatActions({
  room,
  choice,
  list,
  composer,
  fail,
  onMode,
  onDelete,
  onExplain,
}: Options): ChatActions {
  const { realtime, me, hasNotifications, messageUrl } = useRealtime();
  const { actions: documents, toggle: toggleChoice } = choice;
  return useMemo((): ChatActions => {
    const common = createRoomActions({ room, userId: me.userId, messageUrl, fail });
    return {
      ...common,
      reply: (message) => onMode({ kind: "reply", message }),
      edit: (message) => onMode({ kind: "edit", message }),
      askDelete: onDelete,
      explain: hasNotifications ? onExplain : undefined,
      documents,
      toggleChoice,
      showMessage: (messageId) => list.current?.showMessage(messageId),
      focusComposer: () => composer.current?.focus(),
      rewrite(item) {
        const uploads = (item.message.attachments ?? []).flatMap(({ id }) => realtime.files.find(id) ?? []);
        const files = uploads.map(({ blob, name }) => new File([blob], name, { type: blob.type }));
        common.discard(item.key);
        composer.current?.restore(item.message.content, files);
      },
    };
  }, [
    room,
    me.userId,
    messageUrl,
    fail,
    onMode,
    onDelete,
    hasNotifications,
    onExplain,
    documents,
    toggleChoice,
    list,
    composer,
    realtime,
  ]);
}
