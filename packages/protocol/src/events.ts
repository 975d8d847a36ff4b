import { z } from "zod";
import { bytes } from "./bytes.ts";
import {
  awarenessStateSchema,
  clientIdSchema,
  commentSchema,
  documentStateSchema,
  evictionCodeSchema,
} from "./documents.ts";
import {
  messageSchema,
  notificationSchema,
  presenceSchema,
  readMarkerSchema,
  roleSchema,
  roomSchema,
  seqSchema,
} from "./entities.ts";
import { type ErrorCode, errorCodes } from "./errors.ts";
import { preferencesSchema, roomPreferencesSchema } from "./preferences.ts";

/**
 * Where an event belongs. `room`, `user` and `document`: stored, in order, resumable, at a position of that stream.
 * `signal`: about now, may be lost. `connection`: for this connection alone.
 */
export type EventKind = "room" | "user" | "document" | "signal" | "connection";

/** One event a server sends, declared once. */
export interface EventDeclaration<Payload extends z.ZodType = z.ZodType> {
  summary: string;
  kind: EventKind;
  since: number;
  payload: Payload;
  /** Fields of the payload that are bytes, and travel as attachments. */
  bytesIn?: readonly string[];
}

function event<Payload extends z.ZodType>(
  kind: EventKind,
  summary: string,
  payload: Payload,
): EventDeclaration<Payload> {
  return { summary, kind, since: 1, payload };
}

/** An event with bytes in a field of its payload. */
function bytesEvent<Payload extends z.ZodType>(
  kind: EventKind,
  { summary, bytesIn }: { summary: string; bytesIn: readonly string[] },
  payload: Payload,
): EventDeclaration<Payload> {
  return { summary, kind, since: 1, payload, bytesIn };
}

/** Positions this event covers beside its own: `from` … its position. Absent: only its own. */
const from = seqSchema.optional();
const person = { roomId: z.string(), userId: z.string(), username: z.string() };
const arrival = { userId: z.string(), username: z.string(), timestamp: z.string() };
const userSeq = seqSchema;
/** Unread notifications after this change, up to 100, which means 100 or more. */
const unreadCount = z.int();

/** Every event a server can send, by its name on the wire. */
export const events = {
  chat_message: event("room", "A message was posted; its position is `seq`.", messageSchema.extend({ from })),
  message_updated: event(
    "room",
    "A message changed; the whole new state, its position is `updatedSeq`.",
    messageSchema.extend({ from }),
  ),
  member_updated: event(
    "room",
    "People became members, changed role or left (`role: null`).",
    z.object({
      roomId: z.string(),
      users: z.array(
        z.object({
          userId: z.string(),
          username: z.string(),
          avatarUrl: z.string().optional(),
          role: roleSchema.nullable(),
        }),
      ),
      /** People in the room after this change. */
      memberCount: z.int(),
      seq: seqSchema,
      from,
    }),
  ),
  room_updated: event("room", "The room itself changed.", z.object({ room: roomSchema, seq: seqSchema, from })),

  room_added: event("user", "A room joined this person's list.", z.object({ room: roomSchema, userSeq, from })),
  room_removed: event("user", "A room left this person's list.", z.object({ roomId: z.string(), userSeq, from })),
  read_marker: event("user", "This person's read marker moved.", readMarkerSchema.extend({ userSeq, from })),
  mention: event(
    "user",
    "This person was mentioned; `content` is the first 100 characters.",
    z.object({
      roomId: z.string(),
      messageId: z.string(),
      mentionedBy: z.string(),
      mentionedById: z.string(),
      content: z.string(),
      userSeq,
      from,
    }),
  ),
  notification: event(
    "user",
    "This person was told something. After a `mention` with the same `userSeq` it is the other half of that change.",
    notificationSchema.extend({
      /** Whether this one may be heard and shown outside of the page; push and e-mail are the server's own. */
      channels: z.object({ sound: z.boolean(), desktop: z.boolean() }),
      unreadCount,
      userSeq,
      from,
    }),
  ),
  notification_read: event(
    "user",
    "A notification was read, here or on another device.",
    z.object({ notificationId: z.string(), readAt: z.string(), unreadCount, userSeq, from }),
  ),
  notifications_read_all: event(
    "user",
    "All notifications up to this position were read.",
    z.object({ readAt: z.string(), unreadCount, userSeq, from }),
  ),
  notification_deleted: event(
    "user",
    "A notification is gone: deleted, or what it told of is.",
    z.object({ notificationId: z.string(), unreadCount, userSeq, from }),
  ),
  preferences_updated: event(
    "user",
    "This person changed how they want to be told; the whole new state.",
    z.object({ preferences: preferencesSchema, userSeq, from }),
  ),
  room_preferences_updated: event(
    "user",
    "This person changed how they want to be told of one room.",
    roomPreferencesSchema.extend({ userSeq, from }),
  ),

  collaborative_edit: bytesEvent(
    "document",
    { summary: "The content of a document changed; `update` is a Yjs update (V1).", bytesIn: ["update"] },
    z.object({
      documentId: z.string(),
      update: bytes(Number.MAX_SAFE_INTEGER),
      userId: z.string(),
      seq: seqSchema,
      from,
    }),
  ),
  comment_updated: event(
    "document",
    "A comment was made or changed; the whole new state.",
    z.object({ documentId: z.string(), comment: commentSchema, seq: seqSchema, from }),
  ),
  document_updated: event(
    "document",
    "The document itself changed: its title, trash, or the roles of people.",
    z.object({ document: documentStateSchema, seq: seqSchema, from }),
  ),

  cursor_update: event(
    "signal",
    "Somebody is at another place in an open document; null: nowhere any more.",
    z.object({
      documentId: z.string(),
      clientId: clientIdSchema,
      userId: z.string(),
      username: z.string(),
      state: awarenessStateSchema.nullable(),
    }),
  ),
  document_activity: event(
    "signal",
    "Of a document of an open room: who is in it now (the first 20), and who changed it last; at most once a second.",
    z.object({
      documentId: z.string(),
      roomId: z.string(),
      title: z.string(),
      editors: z.array(z.object({ userId: z.string(), username: z.string() })),
      updatedAt: z.string(),
      updatedBy: z.object({ userId: z.string(), username: z.string() }).nullable(),
    }),
  ),

  user_joined_room: event("signal", "Someone opened the room; never in rooms of more than 200.", z.object(person)),
  user_left_room: event("signal", "Someone's last connection left the room.", z.object(person)),
  typing_start: event(
    "signal",
    "Someone is writing; expires after 6 s.",
    z.object({ ...person, threadId: z.string().optional() }),
  ),
  typing_stop: event("signal", "Someone stopped writing.", z.object({ ...person, threadId: z.string().optional() })),

  presence_changed: event(
    "signal",
    "People one shares a room of at most 200 with, or follows, are otherwise now; at most four times a second.",
    z.object({ users: z.array(presenceSchema) }),
  ),
  user_online: event(
    "signal",
    "Someone one shares such a room with, or follows, came, or became a member of one.",
    z.object(arrival),
  ),
  user_offline: event("signal", "Someone's last connection has been gone for 5 s.", z.object(arrival)),
  room_presence: event(
    "signal",
    "How many of an open room of more than 200 are here; at most once a second.",
    z.object({ roomId: z.string(), online: z.int() }),
  ),

  joined_room: event(
    "connection",
    "The room is open from this position on.",
    z.object({ roomId: z.string(), seq: seqSchema, epoch: z.string() }),
  ),
  recent_messages: event(
    "connection",
    "The newest page, for a join that asked for no acknowledgement; oldest first.",
    z.object({ roomId: z.string(), messages: z.array(messageSchema), seq: seqSchema, hasMore: z.boolean() }),
  ),
  notifications_list: event(
    "connection",
    "The page that `get_notifications` answers.",
    z.object({ notifications: z.array(notificationSchema), unreadCount, nextCursor: z.string().nullable() }),
  ),
  error: event(
    "connection",
    "A command without acknowledgement was refused.",
    z.object({
      code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      event: z.string(),
      retryAfterMs: z.int().optional(),
    }),
  ),
  document_evicted: event(
    "connection",
    "A document is not open on this connection any more; after `role_changed` it can be joined again at once.",
    z.object({ documentId: z.string(), code: evictionCodeSchema }),
  ),
  auth_expiring: event(
    "connection",
    "The token expires in a minute: send `auth_refresh`.",
    z.object({ expiresAt: z.string() }),
  ),
  auth_expired: event("connection", "The token has expired; the connection is closed after this.", z.object({})),
  server_draining: event(
    "connection",
    "The server is about to stop: connect again after this time.",
    z.object({ reconnectInMs: z.int() }),
  ),
};

export type EventName = keyof typeof events;
export type EventPayload<Name extends EventName> = z.output<(typeof events)[Name]["payload"]>;
