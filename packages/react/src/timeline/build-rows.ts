import type { TimelineItem } from "@mirage/client";

/** One line of the message list. Keys are stable for as long as the line means the same. */
export type Row =
  | { kind: "start"; key: string }
  | { kind: "day"; key: string; at: Date }
  | { kind: "new"; key: string }
  | { kind: "message"; key: string; item: TimelineItem; isContinuation: boolean };

/** One author's messages stand together for this long. */
const groupingMs = 5 * 60 * 1000;

interface RowOptions {
  /** Messages of others from this position on are new; absent: nothing is marked as new. */
  firstNewSeq: number | undefined;
  userId: string;
  /** The oldest message of the room is among the items. */
  isStartLoaded: boolean;
}

/** Lays messages out as lines: the room's start, day separators, the "New" line once, grouped messages. */
export function buildRows(items: readonly TimelineItem[], options: RowOptions): Row[] {
  const rows: Row[] = [];
  if (options.isStartLoaded) rows.push({ kind: "start", key: "start" });
  let previous: TimelineItem | undefined;
  let isNewMarked = options.firstNewSeq === undefined;
  for (const item of items) {
    const at = new Date(item.message.timestamp);
    let isBroken = previous === undefined;
    if (!previous || dayOf(previous) !== dayOf(item)) {
      rows.push({ kind: "day", key: `day-${dayOf(item)}`, at });
      isBroken = true;
    }
    if (!isNewMarked && isNewTo(item, options)) {
      isNewMarked = true;
      // Where the first new message is further up than what is loaded, there is no place for the line.
      if (previous || options.isStartLoaded || item.message.seq === options.firstNewSeq) {
        rows.push({ kind: "new", key: "new" });
        isBroken = true;
      }
    }
    const isContinuation = !isBroken && previous !== undefined && continues(previous, item);
    rows.push({ kind: "message", key: item.key, item, isContinuation });
    previous = item;
  }
  return rows;
}

function isNewTo(item: TimelineItem, { firstNewSeq, userId }: RowOptions): boolean {
  return firstNewSeq !== undefined && item.message.seq >= firstNewSeq && item.message.userId !== userId;
}

function continues(previous: TimelineItem, item: TimelineItem): boolean {
  const [before, after] = [previous.message, item.message];
  if (before.userId !== after.userId || before.type === "system" || after.type === "system") return false;
  if (after.replyTo !== undefined) return false;
  return Math.abs(Date.parse(after.timestamp) - Date.parse(before.timestamp)) < groupingMs;
}

function dayOf(item: TimelineItem): string {
  const at = new Date(item.message.timestamp);
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}
