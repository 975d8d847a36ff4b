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
/** A jump is over by then: rows on the way are measured, and what is still told of the place before it does not count. */
const jumpMs = 500;
const never = Number.NEGATIVE_INFINITY;

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
  /** Brings a row into the middle, from wherever the reader is. */
  jumpToRow(index: number): void;
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
  const last = useRef<LastScroll>({ offset: 0, size: 0, intentAt: never, jumpAt: never });
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
    const isJumping = performance.now() - last.current.jumpAt < jumpMs;
    if (distance <= followDistancePx) follow(!state.hasMoreAfter && !isJumping);
    else if (offset < last.current.offset && isMeant) follow(false);
    last.current = { ...last.current, offset, size };
    setIsNewAbove(newIndex !== -1 && handle.getItemOffset(newIndex) < offset - 1);
    if (offset < loadDistancePx && state.hasMoreBefore) void room.loadBefore().catch(ignoreLoss);
    if (distance < loadDistancePx && state.hasMoreAfter) void room.loadAfter().catch(ignoreLoss);
  }, [list, follow, newIndex, room, state.hasMoreBefore, state.hasMoreAfter]);

  const toRows = useRowScroll({ list, follow, last, onScroll });

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
    ...toRows,
    jumpToPresent: useCallback(() => {
      follow(true);
      if (state.hasMoreAfter) void room.loadNewest().catch(ignoreLoss);
      else scrollToEnd();
    }, [follow, room, state.hasMoreAfter, scrollToEnd]),
  };
}

interface LastScroll {
  offset: number;
  size: number;
  intentAt: number;
  jumpAt: number;
}

interface RowScrollOptions {
  list: RefObject<VirtualizerHandle | null>;
  follow(next: boolean): void;
  last: RefObject<LastScroll>;
  onScroll(): void;
}

/** How single rows are brought into view. */
function useRowScroll(options: RowScrollOptions): Pick<TimelineScroll, "scrollToRow" | "jumpToRow"> {
  const { list, follow, last, onScroll } = options;
  const latestOnScroll = useRef(onScroll);
  useLayoutEffect(() => {
    latestOnScroll.current = onScroll;
  }, [onScroll]);
  return {
    scrollToRow: useCallback(
      (index, align = "nearest") => {
        follow(false);
        list.current?.scrollToIndex(index, { align });
      },
      [follow, list],
    ),
    jumpToRow: useCallback(
      (index) => {
        follow(false);
        last.current.jumpAt = performance.now();
        list.current?.scrollToIndex(index, { align: "center" });
        // It may have led to the end.
        setTimeout(() => latestOnScroll.current(), jumpMs);
      },
      [follow, list, last],
    ),
  };
}

/** True while rendering rows whose former first message now has others before it, and that still have the former last. */
function useIsPrepending(rows: readonly Row[]): boolean {
  const seen = useRef<{ rows: readonly Row[]; ends: readonly (string | undefined)[]; isPrepending: boolean }>(
    undefined,
  );
  if (seen.current?.rows !== rows) {
    const isMessage = (row: Row) => row.kind === "message";
    const ends = [rows.find(isMessage)?.key, rows.findLast(isMessage)?.key];
    const before = seen.current?.ends ?? [undefined];
    // A jump into the past may share some rows, too; it has another end.
    const areKept = before.every((key) => key !== undefined && rows.some((row) => row.key === key));
    seen.current = { rows, ends, isPrepending: areKept && ends[0] !== before[0] };
  }
  return seen.current.isPrepending;
}

// A page that could not be loaded is asked for again by the next scroll; the connection banner tells why.
function ignoreLoss(): void {
  return;
}
