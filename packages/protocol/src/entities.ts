import { z } from "zod";
import { limits } from "./limits.ts";

/** Roles of a member, weakest first: the order is the rank. */
export const roles = ["guest", "member", "moderator", "admin", "owner"] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

export const roomTypes = ["public", "private", "direct", "announcement"] as const;
export const roomTypeSchema = z.enum(roomTypes);
export type RoomType = z.infer<typeof roomTypeSchema>;

export const presenceStatusSchema = z.enum(["online", "away", "dnd", "offline"]);
export type PresenceStatus = z.infer<typeof presenceStatusSchema>;

/**
 * What a person sees of another. Whoever is `offline`, by absence or by choice, shows neither text nor emoji, and since
 * when, where that is known (`lastSeen`, ISO 8601, UTC).
 */
export const presenceSchema = z.object({
  userId: z.string(),
  username: z.string(),
  status: presenceStatusSchema,
  text: z.string().optional(),
  emoji: z.string().optional(),
  lastSeen: z.string().optional(),
});
export type Presence = z.infer<typeof presenceSchema>;

/** What a person has chosen themselves, with when it clears by itself; `offline` is invisible. */
export const ownPresenceSchema = presenceSchema.omit({ lastSeen: true }).extend({ expiresAt: z.string().optional() });
export type OwnPresence = z.infer<typeof ownPresenceSchema>;

/** A position in a stream; a whole number from 0 that a double holds exactly. */
export const seqSchema = z.int().min(0);

/** What a client has seen of a stream: everything up to and with `seq`, in the stream's life `epoch`. */
export const positionSchema = z.object({ epoch: z.string().max(limits.idCodePoints), seq: seqSchema });
export type Position = z.infer<typeof positionSchema>;

export const reactionSchema = z.object({
  emoji: z.string(),
  count: z.int(),
  /** The first 20 user ids, in the order they reacted. */
  users: z.array(z.string()),
});
export type Reaction = z.infer<typeof reactionSchema>;

/**
 * A file as it hangs on a message. `type` is the media type that its bytes show, `size` is in bytes, `width` and
 * `height` are in pixels as it is shown. Addresses come by `get_file_urls`.
 */
export const attachmentSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  size: z.int(),
  width: z.int().optional(),
  height: z.int().optional(),
  /** What is to be seen, for those who do not see it. */
  alt: z.string().optional(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** A file as the answer to its upload: what a message would say of it, and the small pictures that were made. */
export const uploadedFileSchema = attachmentSchema.extend({
  thumbnails: z.array(z.object({ width: z.int(), height: z.int() })).optional(),
});
export type UploadedFile = z.infer<typeof uploadedFileSchema>;

/**
 * Where a file can be had until `expiresAt` (ISO 8601, UTC), by whoever has the address. Relative to the server's own
 * address. Of a picture, `thumbnailUrl` leads to one of at most 320 pixels a side, `previewUrl` to one of at most 1,280;
 * absent where the picture itself is no larger.
 */
export const fileUrlSchema = z.object({
  fileId: z.string(),
  url: z.string(),
  thumbnailUrl: z.string().optional(),
  previewUrl: z.string().optional(),
  expiresAt: z.string(),
});
export type FileUrl = z.infer<typeof fileUrlSchema>;

/**
 * A message as everyone who may see it sees it. `seq` is where it was created and never changes; `updatedSeq` is its
 * last change, and of two states of one message the one with the higher `updatedSeq` is the later.
 * `timestamp` and `editedAt` are ISO 8601 with milliseconds, UTC. `id` sorts by time.
 * A deleted message is a tombstone: `deleted: true`, its content, metadata, reactions and attachments are gone.
 */
export const messageSchema = z.object({
  id: z.string(),
  roomId: z.string(),
  userId: z.string(),
  username: z.string(),
  content: z.string(),
  type: z.enum(["text", "image", "file", "poll", "system"]),
  metadata: z.record(z.string(), z.unknown()),
  timestamp: z.string(),
  edited: z.boolean(),
  editedAt: z.string().optional(),
  deleted: z.boolean().optional(),
  reactions: z.array(reactionSchema),
  seq: seqSchema,
  updatedSeq: seqSchema,
  nonce: z.string().optional(),
  replyTo: z.string().optional(),
  threadId: z.string().optional(),
  thread: z.object({ count: z.int(), lastAt: z.string(), participants: z.array(z.string()) }).optional(),
  mentions: z
    .object({ users: z.array(z.string()), everyone: z.boolean().optional(), here: z.boolean().optional() })
    .optional(),
  attachments: z.array(attachmentSchema).optional(),
  preview: z.record(z.string(), z.unknown()).optional(),
  pinned: z.boolean().optional(),
});
export type Message = z.infer<typeof messageSchema>;

/**
 * A message that was found. `excerpt` is its text around the first word that was looked for, at most 200 characters
 * beside an ellipsis at each end that was cut. The message itself comes by `get_messages { around: seq }`.
 */
export const searchHitSchema = messageSchema
  .pick({ roomId: true, seq: true, userId: true, username: true, timestamp: true })
  .extend({ messageId: z.string(), excerpt: z.string() });
export type SearchHit = z.infer<typeof searchHitSchema>;

/** A room as anyone in it sees it: nothing in it belongs to one person. */
export const roomSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: roomTypeSchema,
  description: z.string().optional(),
  archived: z.boolean().optional(),
  memberCount: z.int(),
});
export type Room = z.infer<typeof roomSchema>;

/** A room as one person sees it, at a position of its stream. */
export const ownRoomSchema = roomSchema.extend({
  role: roleSchema.nullable(),
  seq: seqSchema,
  epoch: z.string(),
});
export type OwnRoom = z.infer<typeof ownRoomSchema>;

/** A row of one's room list: counts stop at 100, which means 100 or more. */
export const roomListingSchema = ownRoomSchema.extend({
  unread: z.int(),
  mentions: z.int(),
  /** Where this person has read to. */
  readSeq: seqSchema,
  lastMessage: messageSchema.nullable(),
  /** Of a direct conversation: the others in it. */
  others: z.array(z.object({ userId: z.string(), username: z.string(), avatarUrl: z.string().optional() })).optional(),
});
export type RoomListing = z.infer<typeof roomListingSchema>;

export const memberSchema = z.object({
  userId: z.string(),
  username: z.string(),
  avatarUrl: z.string().optional(),
  /** `null`: this person has left. */
  role: roleSchema.nullable(),
  status: presenceStatusSchema,
});
export type Member = z.infer<typeof memberSchema>;

/** Where a person has read to in a room, with the counts that follow from it. */
export const readMarkerSchema = z.object({
  roomId: z.string(),
  seq: seqSchema,
  unread: z.int(),
  mentions: z.int(),
});
export type ReadMarker = z.infer<typeof readMarkerSchema>;

export const inviteSchema = z.object({
  code: z.string(),
  roomId: z.string(),
  expiresAt: z.string().optional(),
  maxUses: z.int().optional(),
});
export type Invite = z.infer<typeof inviteSchema>;

/** A stored notification; `seq` is where it was made in the stream of its person, and never changes. */
export const notificationSchema = z.object({
  id: z.string(),
  title: z.string(),
  content: z.string(),
  type: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  timestamp: z.string(),
  read: z.boolean(),
  readAt: z.string().optional(),
  urgent: z.boolean().optional(),
  groupKey: z.string().optional(),
  seq: seqSchema,
});
export type Notification = z.infer<typeof notificationSchema>;
