import type { Notification } from "@mirage/protocol";

export type NotificationFilter = "all" | "unread" | "mentions";
export const notificationFilters: readonly NotificationFilter[] = ["all", "unread", "mentions"];

/** Notifications of one day and one subject, newest first; never empty. One alone is a group of one. */
export interface NotificationGroup {
  kind: "group";
  /** Stays the same while more of the same subject come. */
  key: string;
  newest: Notification;
  notifications: readonly Notification[];
  unreadCount: number;
}

/** One line of the list: the beginning of a day, or a group. */
export type NotificationLine = { kind: "day"; key: string; at: Date } | NotificationGroup;

/** The notifications that a filter lets through, in the same order. */
export function filterNotifications(list: readonly Notification[], filter: NotificationFilter): Notification[] {
  return list.filter(({ read, type }) => filter === "all" || (filter === "unread" ? !read : type === "mention"));
}

/** Notifications, newest first, as lines: by day of this place's time, and within it by `groupKey`, at its newest one. */
export function groupNotifications(list: readonly Notification[]): NotificationLine[] {
  const days = Map.groupBy(list, ({ timestamp }) => new Date(timestamp).toDateString());
  return [...days].flatMap(([day, ofDay]): NotificationLine[] => {
    const groups = Map.groupBy(ofDay, ({ id, groupKey }) => `${day} ${groupKey ?? id}`);
    const lines = [...groups].flatMap(([key, notifications]) => makeGroup(key, notifications));
    return [{ kind: "day", key: day, at: new Date(day) }, ...lines];
  });
}

function makeGroup(key: string, notifications: readonly Notification[]): NotificationGroup[] {
  const [newest] = notifications;
  if (!newest) return [];
  return [{ kind: "group", key, newest, notifications, unreadCount: notifications.filter(({ read }) => !read).length }];
}
