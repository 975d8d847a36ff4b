import type { Message, OwnRoom, Role } from "@mirage/protocol";

// What is offered. The server judges every request again: this only spares people refusals.
const rank: Record<Role, number> = { guest: 0, member: 1, moderator: 2, admin: 3, owner: 4 };

function isAtLeast(room: OwnRoom, role: Role): boolean {
  return room.role !== null && rank[room.role] >= rank[role];
}

/** Why nothing can be written here; `undefined`: it can. */
export function findReadOnlyReason(room: OwnRoom | undefined): "archived" | "announcement" | undefined {
  if (room?.archived) return "archived";
  if (room?.type === "announcement" && !isAtLeast(room, "moderator")) return "announcement";
  return undefined;
}

/** What the reader may do with one message. */
export interface MessageRights {
  canReact: boolean;
  canReply: boolean;
  canEdit: boolean;
  canDelete: boolean;
  canPin: boolean;
}

/** Says what the reader may do with a message of a room. */
export function messageRights(message: Message, room: OwnRoom | undefined, userId: string): MessageRights {
  if (!room || room.archived || message.deleted || message.type === "system") {
    return { canReact: false, canReply: false, canEdit: false, canDelete: false, canPin: false };
  }
  const isOwn = message.userId === userId;
  return {
    canReact: room.role !== null,
    canReply: findReadOnlyReason(room) === undefined,
    canEdit: isOwn,
    canDelete: isOwn || (room.type !== "direct" && isAtLeast(room, "moderator")),
    canPin: room.type === "direct" || isAtLeast(room, "moderator"),
  };
}

/** What the reader may do with the room itself. */
export interface RoomRights {
  canInvite: boolean;
  canUpdate: boolean;
  canArchive: boolean;
  canLeave: boolean;
}

/** Says what the reader may do with a room. */
export function roomRights(room: OwnRoom | undefined): RoomRights {
  const none = { canInvite: false, canUpdate: false, canArchive: false, canLeave: false };
  if (!room || room.role === null || room.type === "direct") return none;
  return {
    canInvite: !room.archived && isAtLeast(room, room.type === "public" ? "member" : "moderator"),
    canUpdate: !room.archived && isAtLeast(room, "admin"),
    canArchive: !room.archived && isAtLeast(room, "owner"),
    canLeave: true,
  };
}
