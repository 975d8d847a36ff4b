import type { Handlers } from "../../access/session.ts";
import type { Topics } from "../../hot-path/topics.ts";
import type { EmailAddresses } from "./away/email-addresses.ts";
import type { PushDevices } from "./away/push-devices.ts";
import { type ExplainDeps, explain } from "./explain.ts";
import type { Notifications } from "./notifications.ts";
import type { NotificationPreferences } from "./preferences.ts";

type Own =
  | "get_notifications"
  | "mark_notification_read"
  | "mark_all_notifications_read"
  | "mark_document_seen"
  | "delete_notification"
  | "get_preferences"
  | "set_preferences"
  | "set_room_preferences"
  | "explain_notification"
  | "get_push_key"
  | "add_push_device"
  | "remove_push_device"
  | "list_push_devices"
  | "test_push"
  | "get_email"
  | "set_email"
  | "remove_email";

interface Parts {
  notifications: Notifications;
  preferences: NotificationPreferences;
  pushDevices: PushDevices;
  emailAddresses: EmailAddresses;
  explaining: ExplainDeps;
  topics: Topics;
}

/** What each command about notifications does. */
export function createNotificationHandlers({
  notifications,
  preferences,
  pushDevices,
  emailAddresses,
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
    mark_document_seen: ({ session }, { documentId }) => notifications.markDocumentSeen(session, documentId),
    delete_notification: ({ session }, { notificationId }) => notifications.delete(session, notificationId),
    get_preferences: ({ session }) => preferences.get(session),
    set_preferences: ({ session }, change) => preferences.set(session, change),
    set_room_preferences: ({ session }, change) => preferences.setRoom(session, change),
    explain_notification: ({ session }, about) => explain(explaining, session, about),
    get_push_key: () => pushDevices.getKey(),
    add_push_device: ({ session }, device) => pushDevices.add(session, device),
    remove_push_device: ({ session }, { endpoint }) => pushDevices.remove(session, endpoint),
    list_push_devices: ({ session }) => pushDevices.list(session),
    test_push: ({ session }) => pushDevices.test(session),
    get_email: ({ session }) => emailAddresses.get(session),
    set_email: ({ session }, { email }) => emailAddresses.set(session, email),
    remove_email: ({ session }) => emailAddresses.remove(session),
  };
}
