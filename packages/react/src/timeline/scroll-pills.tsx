"use client";
import type { RoomState } from "@mirage/client";
import { ArrowDown, ArrowUp, Check } from "lucide-react";
import { useRealtime } from "../provider.tsx";
import type { Row } from "./build-rows.ts";
import type { TimelineScroll } from "./use-timeline-scroll.ts";

interface PillsProps {
  state: RoomState;
  rows: readonly Row[];
  scroll: TimelineScroll;
  onMarkRead(): void;
}

/** What is out of sight: new messages above, from before the room was opened, and below, from since. */
export function ScrollPills({ state, rows, scroll, onMarkRead }: PillsProps) {
  const { me, labels, formats } = useRealtime();
  const newIndex = rows.findIndex((row) => row.kind === "new");
  const firstNew = rows[newIndex + 1];
  const isBarShown = newIndex !== -1 && scroll.isNewAbove && state.unread > 0 && firstNew?.kind === "message";
  const below = scroll.isFollowing ? 0 : countNewBelow(rows, scroll.lastSeenKey, me.userId);
  return (
    <>
      {isBarShown && (
        <div className="mrg-new-bar">
          <span>{labels.newSince(state.unread, formats.time(new Date(firstNew.item.message.timestamp)))}</span>
          <button type="button" onClick={() => scroll.scrollToRow(newIndex, "start")}>
            <ArrowUp size={14} aria-hidden /> {labels.jumpToNew}
          </button>
          <button type="button" onClick={onMarkRead}>
            <Check size={14} aria-hidden /> {labels.markRead}
          </button>
        </div>
      )}
      {!scroll.isFollowing && (
        <button type="button" className="mrg-jump" onClick={scroll.jumpToPresent}>
          <ArrowDown size={15} aria-hidden />
          {below > 0 ? labels.newBelow(below) : labels.jumpToPresent}
        </button>
      )}
    </>
  );
}

function countNewBelow(rows: readonly Row[], lastSeenKey: string | undefined, userId: string): number {
  let count = 0;
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index];
    if (row?.key === lastSeenKey) return count;
    if (row?.kind === "message" && row.item.message.userId !== userId) count++;
  }
  // What was last seen is no longer loaded: how many came since is not known.
  return 0;
}
