"use client";
import type { RoomHandle, RoomState } from "@mirage/client";
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Row } from "./build-rows.ts";

/** This close to the end counts as being there: new messages are followed. */
const followDistancePx = 50;
/** This close to an edge the next page is loaded. */
const loadDistancePx = 800;
/** A scroll event this soon after a wheel, key or finger was meant by the reader. */
const intentMs = 1_000;

interface ScrollOptions {
  list: RefObject<VirtualizerHandle | null>;
  rows: readonly Row[];
  room: RoomHandle;
  state: RoomState;
  userId: string;
}

/** Where the reader is, and how to move. */
export interface TimelineScroll {
  /** At the newest messages, which are followed. */
  isFollowing: boolean;
  /** The "New" line is above what is seen. */
  isNewAbove: boolean;
  /** Key of the last message that was there while following. */
  lastSeenKey: string | undefined;
  /** True for the one rendering in which older messages came in at the start. */
  isPrepending: boolean;
  onScroll(): void;
  onResize(): void;
  /** Call it on wheel, key, touch and pointer events of the list. */
  noteIntent(): void;
  scrollToRow(index: number, align?: "start" | "center" | "end" | "nearest"): void;
  jumpToPresent(): void;
}

/**
 * Keeps the reader's place: at the end it follows, elsewhere nothing moves but by the reader's own hand.
 * The end is left only by a movement upwards that the reader made; measuring and loading move offsets too.
 */
export function useTimelineScroll({ list, rows, room, state, userId }: ScrollOptions): TimelineScroll {
  const [isFollowing, setIsFollowing] = useState(true);
  const [isNewAbove, setIsNewAbove] = useState(false);
  const [lastSeenKey, setLastSeenKey] = useState<string>();
  const following = useRef(true);
  const last = useRef({ offset: 0, size: 0, intentAt: Number.NEGATIVE_INFINITY });
  const isPrepending = useIsPrepending(rows);
  const newIndex = rows.findIndex((row) => row.kind === "new");
  const lastRow = rows.at(-1);

  const follow = useCallback((next: boolean) => {
    following.current = next;
    setIsFollowing(next);
  }, []);

  const scrollToEnd = useCallback(() => {
    list.current?.scrollToIndex(rows.length - 1, { align: "end" });
  }, [list, rows.length]);

  const onScroll = useCallback(() => {
    const handle = list.current;
    if (!handle) return;
    const { scrollOffset: offset, scrollSize: size, viewportSize } = handle;
    const distance = size - offset - viewportSize;
    const isMeant = size === last.current.size || performance.now() - last.current.intentAt < intentMs;
    if (distance <= followDistancePx) follow(!state.hasMoreAfter);
    else if (offset < last.current.offset && isMeant) follow(false);
    last.current = { ...last.current, offset, size };
    setIsNewAbove(newIndex !== -1 && handle.getItemOffset(newIndex) < offset - 1);
    if (offset < loadDistancePx && state.hasMoreBefore) void room.loadBefore().catch(ignoreLoss);
    if (distance < loadDistancePx && state.hasMoreAfter) void room.loadAfter().catch(ignoreLoss);
  }, [list, follow, newIndex, room, state.hasMoreBefore, state.hasMoreAfter]);

  const onResize = useCallback(() => {
    if (following.current) scrollToEnd();
  }, [scrollToEnd]);

  // One's own new message is always shown; others' only while the reader is at the end.
  const ownKey = lastRow?.kind === "message" && lastRow.item.message.userId === userId ? lastRow.key : undefined;
  const shownOwnKey = useRef<string>(undefined);
  useLayoutEffect(() => {
    const isOwnNew = ownKey !== undefined && ownKey !== shownOwnKey.current && shownOwnKey.current !== undefined;
    shownOwnKey.current = ownKey ?? "";
    if (isOwnNew) follow(true);
    if (!following.current) return;
    scrollToEnd();
    setLastSeenKey(lastRow?.key);
  }, [ownKey, lastRow?.key, follow, scrollToEnd]);

  return {
    isFollowing: isFollowing && !state.hasMoreAfter,
    isNewAbove,
    lastSeenKey,
    isPrepending,
    onScroll,
    onResize,
    noteIntent: useCallback(() => {
      last.current.intentAt = performance.now();
    }, []),
    scrollToRow: useCallback(
      (index, align = "nearest") => {
        follow(false);
        list.current?.scrollToIndex(index, { align });
      },
      [follow, list],
    ),
    jumpToPresent: useCallback(() => {
      follow(true);
      if (state.hasMoreAfter) void room.loadNewest().catch(ignoreLoss);
      else scrollToEnd();
    }, [follow, room, state.hasMoreAfter, scrollToEnd]),
  };
}

/** True while rendering rows whose former first message now has others before it. */
function useIsPrepending(rows: readonly Row[]): boolean {
  const seen = useRef<{ rows: readonly Row[]; firstKey: string | undefined; isPrepending: boolean }>(undefined);
  if (seen.current?.rows !== rows) {
    const first = rows.find((row) => row.kind === "message")?.key;
    const before = seen.current?.firstKey;
    const isPrepending = before !== undefined && first !== before && rows.some((row) => row.key === before);
    seen.current = { rows, firstKey: first, isPrepending };
  }
  return seen.current.isPrepending;
}

// A page that could not be loaded is asked for again by the next scroll; the connection banner tells why.
function ignoreLoss(): void {
  return;
}
