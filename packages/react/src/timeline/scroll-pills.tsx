"use client";
import { ArrowDown, ArrowUp, Check } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useRealtime } from "../provider.tsx";
import type { Row } from "./build-rows.ts";
import type { TimelineScroll } from "./use-timeline-scroll.ts";

interface PillsProps {
  rows: readonly Row[];
  scroll: TimelineScroll;
  onMarkRead(): void;
}

/** What is out of sight: new messages above, from before the room was opened, and below, from since. */
export function ScrollPills({ rows, scroll, onMarkRead }: PillsProps) {
  const { me, labels, formats } = useRealtime();
  const newIndex = rows.findIndex((row) => row.kind === "new");
  const firstNew = rows[newIndex + 1];
  const isDone = useIsDone(scroll.isNewAbove);
  const isBarShown = newIndex !== -1 && scroll.isNewAbove && !isDone.value && firstNew?.kind === "message";
  const below = scroll.isFollowing ? 0 : countNewBelow(rows, scroll.lastSeenKey, me.userId);
  const markRead = () => {
    isDone.finish();
    onMarkRead();
  };
  return (
    <>
      {isBarShown && (
        <div className="mrg-new-bar">
          <span>
            {labels.newSince(
              countFrom(rows, newIndex, me.userId),
              formats.time(new Date(firstNew.item.message.timestamp)),
            )}
          </span>
          <button type="button" onClick={() => scroll.scrollToRow(newIndex, "start")}>
            <ArrowUp size={14} aria-hidden /> {labels.jumpToNew}
          </button>
          <button type="button" onClick={markRead}>
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

/** The bar has done its work once the "New" line has been seen, or at the press of its button. */
function useIsDone(isNewAbove: boolean) {
  const [value, setValue] = useState(false);
  const wasAbove = useRef(false);
  useEffect(() => {
    if (wasAbove.current && !isNewAbove) setValue(true);
    wasAbove.current = isNewAbove;
  }, [isNewAbove]);
  return { value, finish: () => setValue(true) };
}

function countFrom(rows: readonly Row[], from: number, userId: string): number {
  return rows.slice(from).filter((row) => row.kind === "message" && row.item.message.userId !== userId).length;
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
