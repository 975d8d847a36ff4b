import { z } from "zod";
import { command } from "../command.ts";
import {
  inviteSchema,
  memberSchema,
  ownRoomSchema,
  positionSchema,
  roleSchema,
  roomListingSchema,
  roomTypeSchema,
  seqSchema,
} from "../entities.ts";
import { messages } from "../errors.ts";
import { limits } from "../limits.ts";
import { line } from "../text.ts";
import { cursor, roomId, userId } from "./fields.ts";
import { roomPageSchema } from "./session.ts";

const name = line(limits.roomNameCodePoints, "Room name is required");
const description = z
  .string()
  .max(limits.roomDescriptionCodePoints)
  .transform((text) => text.normalize("NFC").trim());
const room = z.object({ room: ownRoomSchema });
const nothing = z.object({});

export const roomCommands = {
  join_room: command({
    summary: "Opens a room: its newest page, or what changed since a position, and the live stream from there on.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId, since: positionSchema.nullish() }),
    reply: roomPageSchema,
    errors: ["forbidden", "not_found"],
    limit: "rooms",
    socketOnly: true,
    bareField: "roomId",
    faultMessage: messages.joinFailed,
  }),
  leave_room: command({
    summary: "Stops the room's live stream on this connection; membership stays.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId }),
    reply: nothing,
    errors: ["not_found"],
    limit: "rooms",
    socketOnly: true,
    bareField: "roomId",
  }),
  create_room: command({
    summary: "Makes a room whose owner is the caller.",
    feature: "chat",
    since: 1,
    input: z.object({
      name,
      type: roomTypeSchema.exclude(["direct"]).default("public"),
      description: description.optional(),
    }),
    reply: room,
    errors: ["forbidden", "conflict", "moderated"],
    limit: "rooms",
  }),
  list_rooms: command({
    summary: "Lists the caller's rooms with unread counts, or the public rooms that can be opened.",
    feature: "chat",
    since: 1,
    input: z.object({ scope: z.enum(["mine", "public"]).default("mine"), cursor }),
    reply: z.object({
      rooms: z.array(roomListingSchema),
      /** Position of the caller's own stream, read before the rooms. */
      seq: seqSchema,
      epoch: z.string(),
      nextCursor: z.string().nullable(),
    }),
    errors: [],
    limit: "rooms",
  }),
  list_members: command({
    summary: "Lists a room's members by rank, then name.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId, cursor }),
    reply: z.object({ members: z.array(memberSchema), nextCursor: z.string().nullable() }),
    errors: ["forbidden", "not_found"],
    limit: "rooms",
  }),
  add_member: command({
    summary: "Makes someone a member.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId, userId }),
    reply: nothing,
    errors: ["forbidden", "not_found", "archived"],
    limit: "rooms",
  }),
  remove_member: command({
    summary: "Removes someone below one's own rank, or oneself: leaving for good.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId, userId }),
    reply: nothing,
    errors: ["forbidden", "not_found", "conflict"],
    limit: "rooms",
  }),
  set_role: command({
    summary: "Gives a member a role below one's own; an owner gives any.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId, userId, role: roleSchema }),
    reply: nothing,
    errors: ["forbidden", "not_found", "conflict"],
    limit: "rooms",
  }),
  create_invite: command({
    summary: "Makes a link that lets people in.",
    feature: "chat",
    since: 1,
    input: z.object({
      roomId,
      expiresInMs: z.int().min(1_000).max(limits.inviteLifetimeMaxMs).optional(),
      maxUses: z.int().min(1).max(limits.inviteUsesMax).optional(),
    }),
    reply: z.object({ invite: inviteSchema }),
    errors: ["forbidden", "not_found", "archived"],
    limit: "invite",
  }),
  accept_invite: command({
    summary: "Becomes a member by an invite's code; a member already is answered the room.",
    feature: "chat",
    since: 1,
    input: z.object({ code: z.string().min(1).max(64) }),
    reply: room,
    errors: ["not_found", "archived"],
    limit: "rooms",
  }),
  open_direct: command({
    summary: "Opens the direct conversation of the caller and these people; the same people give the same room.",
    feature: "chat",
    since: 1,
    input: z.object({ userIds: z.array(userId).min(1).max(limits.directUsers) }),
    reply: room,
    errors: ["not_found"],
    limit: "rooms",
  }),
  update_room: command({
    summary: "Changes a room's name or description.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId, name: name.optional(), description: description.optional() }),
    reply: room,
    errors: ["forbidden", "not_found", "archived", "moderated"],
    limit: "rooms",
  }),
  archive_room: command({
    summary: "Makes a room read-only for good.",
    feature: "chat",
    since: 1,
    input: z.object({ roomId }),
    reply: room,
    errors: ["forbidden", "not_found"],
    limit: "rooms",
  }),
};
