import { z } from "zod";
import { command } from "../command.ts";
import {
  memberSchema,
  messageSchema,
  notificationSchema,
  ownRoomSchema,
  positionSchema,
  readMarkerSchema,
  roomSchema,
  seqSchema,
} from "../entities.ts";
import { limits } from "../limits.ts";
import { preferencesSchema, roomPreferencesSchema } from "../preferences.ts";
import { roomId } from "./fields.ts";

/** What a room answers when it is opened or resumed, as of `seq`. */
export const roomPageSchema = z.object({
  room: ownRoomSchema,
  members: z.array(memberSchema),
  messages: z.array(messageSchema),
  seq: seqSchema,
  epoch: z.string(),
  hasMore: z.boolean(),
  /** What the client kept of this room is void: start afresh from this page. */
  reset: z.boolean().optional(),
  /** User ids with a live connection in this room; absent in rooms of more than 200 people. */
  online: z.array(z.string()).optional(),
});

export const sessionCommands = {
  resume: command({
    summary: "Opens every room it names and answers all that was missed, in one round trip.",
    feature: "core",
    since: 1,
    input: z.object({
      rooms: z
        .array(z.object({ roomId, since: positionSchema.nullable() }))
        .max(limits.openRooms)
        .refine((rooms) => new Set(rooms.map(({ roomId }) => roomId)).size === rooms.length, {
          error: "each room once",
        })
        .default([]),
      user: positionSchema.nullish(),
    }),
    reply: z.object({
      rooms: z.array(
        z.union([
          roomPageSchema.extend({ roomId: z.string() }),
          z.object({ roomId: z.string(), removed: z.literal(true) }),
          z.object({ roomId: z.string(), deferred: z.literal(true) }),
        ]),
      ),
      user: z.object({
        seq: seqSchema,
        epoch: z.string(),
        /** Those that are new or changed, oldest first, as they are now. */
        notifications: z.array(notificationSchema),
        /** Ids of those that are gone. */
        deletedNotifications: z.array(z.string()),
        /** Where something of this stream was missed. */
        unreadCount: z.int().optional(),
        /** Where they changed. */
        preferences: preferencesSchema.optional(),
        roomPreferences: z.array(roomPreferencesSchema),
        markers: z.array(readMarkerSchema),
        rooms: z.object({ added: z.array(roomSchema), removed: z.array(z.string()) }),
        reset: z.boolean().optional(),
      }),
    }),
    errors: [],
    limit: "rooms",
    socketOnly: true,
  }),
  auth_refresh: command({
    summary:
      "Replaces the connection's token by a newer one of the same user; a refusal names its reason as an issue of `token`.",
    feature: "core",
    since: 1,
    input: z.object({ token: z.string().min(1).max(16_384) }),
    reply: z.object({ expiresAt: z.string().optional() }),
    errors: [],
    limit: "rooms",
    socketOnly: true,
  }),
};
