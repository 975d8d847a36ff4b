import { z } from "zod";
import { command } from "../command.ts";
import { notificationSchema, seqSchema } from "../entities.ts";
import { limits } from "../limits.ts";
import {
  channelSchema,
  doNotDisturbSchema,
  explanationSchema,
  keywordsSchema,
  preferencesSchema,
  roomLevelSchema,
  roomPreferencesSchema,
  triggerSchema,
} from "../preferences.ts";
import { id, line } from "../text.ts";
import { commentId, cursor, documentId, messageId, metadata, roomId } from "./fields.ts";

const notificationId = id("Notification ID is required", limits.idCodePoints);
/** Unread notifications, up to 100, which means 100 or more. */
const unreadCount = z.int();
const readAt = z.string();

/** Kinds that the product itself knows, and those of a host: `$` and a name in letters, digits, `-` and `_`. */
export const notificationTypeSchema = z
  .string()
  .max(64)
  .regex(/^(?:message|like|follow|mention|system|reply|invite|document|moderation|\$[A-Za-z][A-Za-z0-9_-]*)$/, {
    error: "a known kind, or $name",
  });

/** What a host tells somebody: `sendNotification`, `sendRoomNotification`, and their resources under REST. */
export const newNotificationSchema = z.object({
  title: line(limits.notificationTitleCodePoints, "Notification title is required"),
  content: z
    .string()
    .max(limits.messageCodePoints)
    .transform((text) => text.normalize("NFC")),
  type: notificationTypeSchema.default("system"),
  metadata: metadata.default({}),
  /** Reaches people who do not want to be disturbed. */
  urgent: z.boolean().default(false),
  /** Notifications with the same one are shown together. */
  groupKey: z.string().min(1).max(limits.idCodePoints).optional(),
  /** Makes repeating harmless: the same one tells the same person, or the same room, once. */
  nonce: z.string().min(1).max(limits.nonceCodePoints).optional(),
});
/** What a host gives. */
export type NewNotification = z.input<typeof newNotificationSchema>;

export const notificationCommands = {
  get_notifications: command({
    summary: "Reads the caller's notifications, newest first; the page comes as `notifications_list`, too.",
    feature: "notifications",
    since: 1,
    input: z.object({
      cursor,
      limit: z.int().min(1).max(limits.pageNotificationsMax).default(limits.pageNotifications),
      unreadOnly: z.boolean().default(false),
    }),
    reply: z.object({
      notifications: z.array(notificationSchema),
      unreadCount,
      nextCursor: z.string().nullable(),
      /** Position of the caller's own stream, read before the notifications. */
      seq: seqSchema,
      epoch: z.string(),
    }),
    errors: [],
    limit: "history",
  }),
  mark_notification_read: command({
    summary: "Marks one notification as read, on all of the caller's devices.",
    feature: "notifications",
    since: 1,
    input: z.object({ notificationId }),
    reply: z.object({ readAt, unreadCount }),
    errors: ["not_found"],
    limit: "notifications",
  }),
  mark_all_notifications_read: command({
    summary: "Marks all of the caller's notifications as read: one change for any number.",
    feature: "notifications",
    since: 1,
    input: z.object({}),
    reply: z.object({ readAt, unreadCount }),
    errors: [],
    limit: "notifications",
  }),
  mark_document_seen: command({
    summary: "Marks what the caller was told of a document as read, on all of their devices: they are looking at it.",
    feature: "notifications",
    since: 1,
    input: z.object({ documentId }),
    reply: z.object({ unreadCount }),
    errors: [],
    limit: "notifications",
  }),
  delete_notification: command({
    summary: "Deletes one notification for good.",
    feature: "notifications",
    since: 1,
    input: z.object({ notificationId }),
    reply: z.object({ unreadCount }),
    errors: ["not_found"],
    limit: "notifications",
  }),
  get_preferences: command({
    summary: "Reads how the caller wants to be told, and of which rooms otherwise than usual.",
    feature: "notifications",
    since: 1,
    input: z.object({}),
    reply: z.object({ preferences: preferencesSchema, rooms: z.array(roomPreferencesSchema) }),
    errors: [],
    limit: "history",
  }),
  set_preferences: command({
    summary: "Changes how the caller wants to be told; what is left out stays.",
    feature: "notifications",
    since: 1,
    input: z.object({
      channels: z.partialRecord(triggerSchema, z.partialRecord(channelSchema, z.boolean())).optional(),
      doNotDisturb: doNotDisturbSchema.optional(),
      keywords: keywordsSchema.optional(),
    }),
    reply: z.object({ preferences: preferencesSchema }),
    errors: [],
    limit: "notifications",
  }),
  set_room_preferences: command({
    summary: "Changes how the caller wants to be told of one room; null goes back to what is usual.",
    feature: "notifications",
    since: 1,
    input: z.object({
      roomId,
      level: roomLevelSchema.nullish(),
      mutedUntil: z.iso.datetime({ offset: true }).nullish(),
    }),
    reply: z.object({ room: roomPreferencesSchema }),
    errors: ["not_found"],
    limit: "notifications",
  }),
  explain_notification: command({
    summary:
      "Says why the caller was or was not told of a message or a comment (one of the two), channel by channel, by today's " +
      "preferences.",
    feature: "notifications",
    since: 1,
    input: z
      .object({ messageId: messageId.optional(), commentId: commentId.optional() })
      .refine(({ messageId: message, commentId: comment }) => (message === undefined) !== (comment === undefined), {
        error: "Message ID is required, or a comment's",
      }),
    reply: explanationSchema,
    errors: ["not_found"],
    limit: "history",
  }),
};
