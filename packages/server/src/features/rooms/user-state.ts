import type { CommandReply, Notification, Preferences, ReadMarker, Room, RoomPreferences } from "@mirage/protocol";
import { countFitting, jsonBytesOf } from "../../access/answer-size.ts";

/** What changed on a person's own stream since a position, as it is at `head`. */
export interface UserState {
  head: number;
  /** Oldest first. */
  notifications: Notification[];
  deletedNotifications: string[];
  /** Absent where nothing was missed. */
  unreadCount?: number;
  preferences?: Preferences;
  roomPreferences: RoomPreferences[];
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
  deletedNotifications: [],
  roomPreferences: [],
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
  const lists = {
    removed: state.removed.slice(0, take(state.removed.map((roomId) => ({ roomId })))),
    added: state.added.slice(0, take(state.added)),
    markers: state.markers.slice(0, take(state.markers)),
    roomPreferences: state.roomPreferences.slice(0, take(state.roomPreferences)),
    deletedNotifications: state.deletedNotifications.slice(0, take(state.deletedNotifications.map((id) => ({ id })))),
    notifications: newest(state.notifications, take(state.notifications.toReversed())),
  };
  const isCut = state.isCut === true || countOf(state) > countOf(lists);
  return { ...state, ...lists, ...(isCut ? { isCut } : {}) };
}

type Lists = Pick<
  UserState,
  "removed" | "added" | "markers" | "roomPreferences" | "deletedNotifications" | "notifications"
>;

function countOf(lists: Lists): number {
  const { removed, added, markers, roomPreferences, deletedNotifications, notifications } = lists;
  const all: readonly unknown[][] = [removed, added, markers, roomPreferences, deletedNotifications, notifications];
  return all.reduce((count, list) => count + list.length, 0);
}

const newest = <Item>(items: Item[], count: number): Item[] => (count === 0 ? [] : items.slice(-count));
