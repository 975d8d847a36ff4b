"use client";
import type { RoomHandle, RoomState } from "@mirage/client";
import type { Message, OwnRoom } from "@mirage/protocol";
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { useRealtime } from "../provider.tsx";
import { buildRows, type Row } from "./build-rows.ts";
import type { ChatActions } from "./chat-actions.ts";
import { DayLine, NewLine, RoomStart, Skeleton } from "./list-lines.tsx";
import { MessageRow } from "./message-row.tsx";
import { ScrollPills } from "./scroll-pills.tsx";
import { useRovingFocus } from "./use-roving-focus.ts";
import { useTimelineScroll } from "./use-timeline-scroll.ts";

/** How long a message that was jumped to stays lit. */
const flashMs = 2_000;

export interface MessageListHandle {
  showMessage(messageId: string): void;
  jumpToPresent(): void;
}

export interface MessageListProps {
  room: RoomHandle;
  state: RoomState;
  actions: ChatActions;
  /** Ids of the messages that are chosen; absent while none are being chosen. */
  chosen: ReadonlySet<string> | undefined;
  handle: React.Ref<MessageListHandle>;
}

/** The conversation: of any length, at most some screens of it in the document, and nothing moves by itself. */
export function MessageList({ room, state, actions, chosen, handle }: MessageListProps) {
  const { me, labels } = useRealtime();
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const firstNewSeq = state.firstUnreadSeq;
  const rows = useMemo(
    () => buildRows(state.items, { firstNewSeq, userId: me.userId, isStartLoaded: !state.hasMoreBefore }),
    [state.items, state.hasMoreBefore, firstNewSeq, me.userId],
  );
  const scroll = useTimelineScroll({ list, rows, room, state, userId: me.userId });
  const { scrollToRow, jumpToRow, jumpToPresent } = scroll;
  const roving = useRovingFocus({ rows, container: scroller, scrollToRow, onLeave: actions.focusComposer });
  const flash = useFlash();
  useMarkRead(room, scroll.isFollowing && state.unread > 0);
  useImperativeHandle(handle, () => ({
    jumpToPresent,
    showMessage(messageId) {
      const index = rows.findIndex((row) => row.kind === "message" && row.item.message.id === messageId);
      if (index === -1) return;
      jumpToRow(index);
      flash.show(rows[index]?.key);
    },
  }));
  const originals = useOriginals(state.items);
  const answeredIds = useAnsweredIds(state.items);
  const names = useMemo(
    () => state.members.map((member) => member.username).concat("everyone", "here"),
    [state.members],
  );

  if (state.status === "loading" && rows.length === 0) return <Skeleton />;
  const { tabStopKey } = roving;
  const shared = { room: state.room, tabStopKey, flashKey: flash.key, originals, answeredIds, names, chosen, actions };
  return (
    <div className="mrg-list">
      <section
        ref={scroller}
        className="mrg-scroller"
        aria-label={labels.messages}
        onKeyDown={(event) => {
          scroll.noteIntent();
          roving.onKeyDown(event);
        }}
        onFocus={(event) => event.target.dataset.key !== undefined && roving.onFocus(event.target.dataset.key)}
        onWheel={scroll.noteIntent}
        onTouchMove={scroll.noteIntent}
        onPointerDown={scroll.noteIntent}
      >
        <div className="mrg-list-spacer" />
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          data={rows}
          shift={scroll.isPrepending}
          bufferSize={400}
          keepMounted={[roving.activeIndex]}
          onScroll={scroll.onScroll}
          onResize={scroll.onResize}
        >
          {(row) => <Line key={row.key} row={row} {...shared} />}
        </Virtualizer>
      </section>
      <ScrollPills rows={rows} scroll={scroll} onMarkRead={() => room.markRead()} />
    </div>
  );
}

interface LineProps {
  row: Row;
  room: OwnRoom | undefined;
  tabStopKey: string | undefined;
  flashKey: string | undefined;
  originals: ReadonlyMap<string, Message>;
  answeredIds: ReadonlySet<string>;
  names: readonly string[];
  chosen: ReadonlySet<string> | undefined;
  actions: ChatActions;
}

function Line({ row, tabStopKey, flashKey, originals, answeredIds, chosen, ...shared }: LineProps) {
  if (row.kind === "start") return <RoomStart room={shared.room} />;
  if (row.kind === "day") return <DayLine at={row.at} />;
  if (row.kind === "new") return <NewLine />;
  const { id, replyTo } = row.item.message;
  return (
    <MessageRow
      {...shared}
      item={row.item}
      isContinuation={row.isContinuation}
      isTabStop={row.key === tabStopKey}
      isFlashing={row.key === flashKey}
      original={replyTo === undefined ? undefined : originals.get(replyTo)}
      isAnswered={answeredIds.has(id)}
      isChosen={chosen?.has(id)}
    />
  );
}

function useFlash() {
  const [key, setKey] = useState<string>();
  useEffect(() => {
    if (key === undefined) return;
    const timer = setTimeout(() => setKey(undefined), flashMs);
    return () => clearTimeout(timer);
  }, [key]);
  return { key, show: setKey };
}

/** Marks the room read while its end is really being looked at. */
function useMarkRead(room: RoomHandle, isDue: boolean): void {
  useEffect(() => {
    if (!isDue) return;
    const markIfSeen = () => {
      if (document.visibilityState === "visible" && document.hasFocus()) room.markRead();
    };
    markIfSeen();
    window.addEventListener("focus", markIfSeen);
    document.addEventListener("visibilitychange", markIfSeen);
    return () => {
      window.removeEventListener("focus", markIfSeen);
      document.removeEventListener("visibilitychange", markIfSeen);
    };
  }, [room, isDue]);
}

/** The loaded messages by id, each a stable object while it does not change. */
function useOriginals(items: RoomState["items"]) {
  return useMemo(() => new Map(items.map(({ message }) => [message.id, message])), [items]);
}

/** The messages that a loaded one answers. */
function useAnsweredIds(items: RoomState["items"]): ReadonlySet<string> {
  return useMemo(
    () => new Set(items.flatMap(({ message: { replyTo, threadId } }) => [replyTo, threadId]).filter(isId)),
    [items],
  );
}

function isId(id: string | undefined): id is string {
  return id !== undefined;
}
