"use client";
import type { RoomHandle, RoomState } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { Composer, type ComposerHandle } from "../composer/composer.tsx";
import type { ComposerMode } from "../composer/composer-mode.ts";
import { Announcer } from "../connection/announcer.tsx";
import { ConnectionBanner } from "../connection/connection-banner.tsx";
import { useRoom } from "../hooks/use-room.ts";
import { useRoomName } from "../hooks/use-room-name.ts";
import { WhyDialog } from "../notifications/lazy-settings.tsx";
import { useRealtime } from "../provider.tsx";
import { MessageList, type MessageListHandle } from "../timeline/message-list.tsx";
import { ChatHeader } from "./chat-header.tsx";
import { ChoiceBar } from "./choice-bar.tsx";
import { DeleteDialog, PeoplePanel } from "./lazy-panels.tsx";
import { RoomRefused } from "./room-refused.tsx";
import { Trouble, useTrouble } from "./trouble.tsx";
import { TypingLine } from "./typing-line.tsx";
import { useChatActions } from "./use-chat-actions.ts";
import { useMessageChoice } from "./use-message-choice.ts";
import { useReadShown } from "./use-read-shown.ts";
import { useShowMessage } from "./use-show-message.ts";

export interface LiveChatProps {
  roomId: string;
  /** A message to move to, once for each new value. */
  messageId?: string | undefined;
  /** Its position, where that is known: without it nothing moves to what is older than the newest thousand. */
  messageSeq?: number | undefined;
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

function OpenChat({ room, state, messageId, ...props }: LiveChatProps & { room: RoomHandle; state: RoomState }) {
  const [mode, setMode] = useState<ComposerMode>({ kind: "new" });
  const [arePeopleShown, setArePeopleShown] = useState(false);
  const [deleting, setDeleting] = useState<Message>();
  const [explained, setExplained] = useState<Message>();
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const trouble = useTrouble();
  useShowMessage({ room, state, messageId, seq: props.messageSeq, list });
  useReadShown(messageId);
  const { me, labels } = useRealtime();
  const name = useRoomName(room.id, state.room);
  const { fail } = trouble;
  const choice = useMessageChoice({ room, fail });
  const actions = useChatActions({
    room,
    fail,
    choice,
    list,
    composer,
    onMode: setMode,
    onDelete: setDeleting,
    onExplain: setExplained,
  });
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
          start={props.headerStart}
          end={props.headerEnd}
          arePeopleShown={arePeopleShown}
          onTogglePeople={() => setArePeopleShown(!arePeopleShown)}
        />
        <ConnectionBanner pendingCount={pendingCount} />
        <MessageList room={room} state={state} actions={actions} chosen={choice.chosen} handle={list} />
        <Trouble text={trouble.text} onClose={trouble.clear} />
        {choice.chosen && <ChoiceBar choice={choice} />}
        {/* What was begun there stays. */}
        <div hidden={choice.chosen !== undefined}>
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
        </div>
      </section>
      {arePeopleShown && <PeoplePanel roomId={room.id} state={state} onClose={() => setArePeopleShown(false)} />}
      <Announcer state={state} />
      {explained && (
        <WhyDialog message={explained} onClose={() => setExplained(undefined)} onClosed={actions.focusComposer} />
      )}
      {deleting && (
        <DeleteDialog
          message={deleting}
          onClose={() => setDeleting(undefined)}
          onClosed={actions.focusComposer}
          onConfirm={(message) => room.delete(message.id).catch(fail)}
        />
      )}
    </div>
  );
}

function isEditable(message: Message, userId: string): boolean {
  return message.userId === userId && !message.deleted && message.type !== "system";
}
