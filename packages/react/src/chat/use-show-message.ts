"use client";
import type { RoomHandle, RoomState } from "@mirage/client";
import { type RefObject, useEffect, useRef } from "react";
import type { MessageListHandle } from "../timeline/message-list.tsx";

/** A message whose position is not known is looked for in so many pages; who wants what is older than that scrolls. */
const maxPages = 20;

interface ShowOptions {
  room: RoomHandle;
  state: RoomState;
  messageId: string | undefined;
  /** Its position, where that is known. */
  seq: number | undefined;
  list: RefObject<MessageListHandle | null>;
}

/** Moves to a message once: loads what is around its position, or older pages until it is there. */
export function useShowMessage({ room, state, messageId, seq, list }: ShowOptions): void {
  const search = useRef<{ messageId: string | undefined; loads: number }>({ messageId: undefined, loads: 0 });
  const { status, items, hasMoreBefore } = state;
  useEffect(() => {
    if (search.current.messageId !== messageId) {
      search.current = { messageId, loads: seq === undefined ? maxPages : 1 };
    }
    if (messageId === undefined || status !== "ready") return;
    const isThere = items.some(({ message }) => message.id === messageId);
    if (isThere && search.current.loads >= 0) {
      // The list scrolls to its end when it first has rows; this is said after that.
      const frame = requestAnimationFrame(() => {
        search.current.loads = -1;
        list.current?.showMessage(messageId);
      });
      return () => cancelAnimationFrame(frame);
    }
    if (search.current.loads <= 0) return;
    search.current.loads -= 1;
    // Without a connection the search ends; the banner tells why.
    if (seq !== undefined) room.loadAround(seq).catch(() => undefined);
    else if (hasMoreBefore) room.loadBefore().catch(() => undefined);
  }, [room, status, items, hasMoreBefore, messageId, seq, list]);
}
