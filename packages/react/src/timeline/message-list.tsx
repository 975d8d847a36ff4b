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
  handle: React.Ref<MessageListHandle>;
}

/** The conversation: of any length, at most some screens of it in the document, and nothing moves by itself. */
export function MessageList({ room, state, actions, handle }: MessageListProps) {
  const { me, labels } = useRealtime();
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const firstNewSeq = state.firstUnreadSeq;
  const rows = useMemo(
    () => buildRows(state.items, { firstNewSeq, userId: me.userId, isStartLoaded: !state.hasMoreBefore }),
    [state.items, state.hasMoreBefore, firstNewSeq, me.userId],
  );
  const scroll = useTimelineScroll({ list, rows, room, state, userId: me.userId });
  const { scrollToRow, jumpToPresent } = scroll;
  const roving = useRovingFocus({ rows, container: scroller, scrollToRow, onLeave: actions.focusComposer });
  const flash = useFlash();
  useMarkRead(room, scroll.isFollowing && state.unread > 0);
  useImperativeHandle(handle, () => ({
    jumpToPresent,
    showMessage(messageId) {
      const index = rows.findIndex((row) => row.kind === "message" && row.item.message.id === messageId);
      if (index === -1) return;
      scrollToRow(index, "center");
      flash.show(rows[index]?.key);
    },
  }));
  const originals = useOriginals(state.items);
  const names = useMemo(
    () => state.members.map((member) => member.username).concat("everyone", "here"),
    [state.members],
  );

  if (state.status === "loading" && rows.length === 0) return <Skeleton />;
  const shared = { room: state.room, tabStopKey: roving.tabStopKey, flashKey: flash.key, originals, names, actions };
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
  names: readonly string[];
  actions: ChatActions;
}

function Line({ row, room, tabStopKey, flashKey, originals, names, actions }: LineProps) {
  if (row.kind === "start") return <RoomStart room={room} />;
  if (row.kind === "day") return <DayLine at={row.at} />;
  if (row.kind === "new") return <NewLine />;
  const { replyTo } = row.item.message;
  return (
    <MessageRow
      item={row.item}
      room={room}
      isContinuation={row.isContinuation}
      isTabStop={row.key === tabStopKey}
      isFlashing={row.key === flashKey}
      original={replyTo === undefined ? undefined : originals.get(replyTo)}
      names={names}
      actions={actions}
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
