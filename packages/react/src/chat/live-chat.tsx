"use client";
import type { RoomHandle, RoomState } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { Composer, type ComposerHandle } from "../composer/composer.tsx";
import type { ComposerMode } from "../composer/composer-mode.ts";
import { Announcer } from "../connection/announcer.tsx";
import { ConnectionBanner } from "../connection/connection-banner.tsx";
import { useRoom } from "../hooks/use-room.ts";
import { useRoomName } from "../hooks/use-room-name.ts";
import { PeoplePanel } from "../people/people-panel.tsx";
import { useRealtime } from "../provider.tsx";
import { type ChatActions, createRoomActions } from "../timeline/chat-actions.ts";
import { MessageList, type MessageListHandle } from "../timeline/message-list.tsx";
import { ChatHeader } from "./chat-header.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { RoomRefused } from "./room-refused.tsx";
import { Trouble, useTrouble } from "./trouble.tsx";
import { TypingLine } from "./typing-line.tsx";

export interface LiveChatProps {
  roomId: string;
  /** Put before the room's name, for instance a button that opens the list of rooms. */
  headerStart?: ReactNode;
  /** Put after the room's name, for instance an invite button. */
  headerEnd?: ReactNode;
  /** Shown below the text when the room cannot be seen: one way out. */
  refusedAction?: ReactNode;
}

/**
 * One conversation, whole: header, messages, composer, people. It fills its parent, which needs a height.
 * Needs a `RealtimeProvider` above it and `@mirage/react/styles.css` in the page.
 *
 * @example
 * ```tsx
 * <LiveChat roomId="general" />
 * ```
 */
export function LiveChat(props: LiveChatProps) {
  const { room, state } = useRoom(props.roomId);
  if (state.status === "refused") return <RoomRefused refusal={state.refusal} action={props.refusedAction} />;
  // Another room is another conversation: nothing of this one's scroll position or composer carries over.
  return <OpenChat key={props.roomId} {...props} room={room} state={state} />;
}

function OpenChat({ room, state, headerStart, headerEnd }: LiveChatProps & { room: RoomHandle; state: RoomState }) {
  const [mode, setMode] = useState<ComposerMode>({ kind: "new" });
  const [arePeopleShown, setArePeopleShown] = useState(false);
  const [deleting, setDeleting] = useState<Message>();
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const trouble = useTrouble();
  const { me, labels } = useRealtime();
  const name = useRoomName(room.id, state.room);
  const { fail } = trouble;
  const actions = useMemo((): ChatActions => {
    const common = createRoomActions({ room, userId: me.userId, fail });
    return {
      ...common,
      reply: (message) => setMode({ kind: "reply", message }),
      edit: (message) => setMode({ kind: "edit", message }),
      askDelete: setDeleting,
      showMessage: (messageId) => list.current?.showMessage(messageId),
      focusComposer: () => composer.current?.focus(),
      rewrite(item) {
        common.discard(item.key);
        composer.current?.restore(item.message.content);
      },
    };
  }, [room, me.userId, fail]);
  const editLast = useCallback(() => {
    const own = room.state.get().items.findLast((item) => isEditable(item.message, me.userId) && item.state === "sent");
    if (own) setMode({ kind: "edit", message: own.message });
  }, [room, me.userId]);
  const pendingCount = state.items.filter((item) => item.state === "pending").length;
  return (
    <div className="mrg-chat" data-people={arePeopleShown || undefined}>
      <section className="mrg-chat-main">
        <ChatHeader
          state={state}
          roomId={room.id}
          start={headerStart}
          end={headerEnd}
          arePeopleShown={arePeopleShown}
          onTogglePeople={() => setArePeopleShown(!arePeopleShown)}
        />
        <ConnectionBanner pendingCount={pendingCount} />
        <MessageList room={room} state={state} actions={actions} handle={list} />
        <Trouble text={trouble.text} onClose={trouble.clear} />
        <Composer
          room={room}
          state={state}
          mode={mode}
          onModeChange={setMode}
          onEditLast={editLast}
          onError={fail}
          placeholder={name === "" ? labels.composer : labels.writeTo(name)}
          handle={composer}
        />
        <TypingLine typing={state.typing} />
      </section>
      {arePeopleShown && <PeoplePanel roomId={room.id} state={state} onClose={() => setArePeopleShown(false)} />}
      <Announcer state={state} />
      <DeleteDialog
        message={deleting}
        onClose={() => setDeleting(undefined)}
        onClosed={actions.focusComposer}
        onConfirm={(message) => room.delete(message.id).catch(fail)}
      />
    </div>
  );
}

function isEditable(message: Message, userId: string): boolean {
  return message.userId === userId && !message.deleted && message.type !== "system";
}
