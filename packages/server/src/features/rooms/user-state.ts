import type { CommandReply, Notification, ReadMarker, Room } from "@mirage/protocol";
import { countFitting, jsonBytesOf } from "../../access/answer-size.ts";

/** What changed on a person's own stream since a position, as it is at `head`. */
export interface UserState {
  head: number;
  /** Oldest first. */
  notifications: Notification[];
  markers: ReadMarker[];
  added: Room[];
  removed: string[];
  /** More was missed than is here: of notifications the newest are, and the others are read from their lists. */
  isCut?: boolean;
}

/** A person's own part of the answer to `resume`. */
export type OwnPart = CommandReply<"resume">["user"];

export const nothingMissed = (head: number): UserState => ({
  head,
  notifications: [],
  markers: [],
  added: [],
  removed: [],
});

/** Keeps of each kind what fits, rooms before markers before notifications, and says where that is not all. */
export function boundUserState(state: UserState, maxBytes: number): UserState {
  let spare = maxBytes;
  const take = <Item extends object>(items: readonly Item[]): number => {
    const count = countFitting(items, spare);
    spare -= items.slice(0, count).reduce((bytes, item) => bytes + jsonBytesOf(item) + 1, 0);
    return count;
  };
  const removed = state.removed.slice(0, take(state.removed.map((roomId) => ({ roomId }))));
  const added = state.added.slice(0, take(state.added));
  const markers = state.markers.slice(0, take(state.markers));
  const newest = take(state.notifications.toReversed());
  const notifications = newest === 0 ? [] : state.notifications.slice(-newest);
  const isCut = state.isCut === true || countOf(state) > countOf({ removed, added, markers, notifications });
  return { head: state.head, notifications, markers, added, removed, ...(isCut ? { isCut } : {}) };
}

function countOf({ removed, added, markers, notifications }: Omit<UserState, "head" | "isCut">): number {
  return removed.length + added.length + markers.length + notifications.length;
}
