import type { Handlers } from "../../access/session.ts";
import type { Topics } from "../../hot-path/topics.ts";
import { type ExplainDeps, explain } from "./explain.ts";
import type { Notifications } from "./notifications.ts";
import type { NotificationPreferences } from "./preferences.ts";

type Own =
  | "get_notifications"
  | "mark_notification_read"
  | "mark_all_notifications_read"
  | "delete_notification"
  | "get_preferences"
  | "set_preferences"
  | "set_room_preferences"
  | "explain_notification";

interface Parts {
  notifications: Notifications;
  preferences: NotificationPreferences;
  explaining: ExplainDeps;
  topics: Topics;
}

/** What each command about notifications does. */
export function createNotificationHandlers({
  notifications,
  preferences,
  explaining,
  topics,
}: Parts): Pick<Handlers, Own> {
  return {
    get_notifications: async ({ session, answer }, page) => {
      const reply = await notifications.list(session, page);
      answer(reply);
      if (session.transport === "socket") {
        const { notifications: listed, unreadCount, nextCursor } = reply;
        topics.send(session.connectionId, "notifications_list", { notifications: listed, unreadCount, nextCursor });
      }
      return undefined;
    },
    mark_notification_read: ({ session }, { notificationId }) => notifications.markRead(session, notificationId),
    mark_all_notifications_read: ({ session }) => notifications.markAllRead(session),
    delete_notification: ({ session }, { notificationId }) => notifications.delete(session, notificationId),
    get_preferences: ({ session }) => preferences.get(session),
    set_preferences: ({ session }, change) => preferences.set(session, change),
    set_room_preferences: ({ session }, change) => preferences.setRoom(session, change),
    explain_notification: ({ session }, { messageId }) => explain(explaining, session, messageId),
  };
}
