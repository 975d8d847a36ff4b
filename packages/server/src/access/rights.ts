/**
 * What each role may do, in each kind of room: the one table of rights. Pure: it judges a standing that somebody else
 * looked up. Rules about a second person (removing, changing roles) are built on it in `features/rooms/rooms.policy.ts`,
 * rules about one message in `features/messages/messages.policy.ts`.
 */
import { messages, Refusal, type Role, type RoomType, roles } from "@mirage/protocol";

/** How someone stands to a room. `role` null: not a member. `isAdmin`: administrator of the instance. */
export interface Standing {
  readonly role: Role | null;
  readonly roomType: RoomType;
  readonly isArchived: boolean;
  readonly isAdmin: boolean;
}

/** `yes`, or the code of the refusal. */
export type Verdict = "yes" | "forbidden" | "not_found" | "archived";

interface Right {
  /** Weakest role that has it; `anyone`: of those who may see the room, members or not; `nobody`: no role has it. */
  readonly from: Role | "anyone" | "nobody";
  /** Where a kind of room differs. In a direct conversation all are equal, so only `guest` and `nobody` make sense. */
  readonly except?: Partial<Record<RoomType, Role | "nobody">>;
  /** What an archived room answers to those who would have the right. */
  readonly whenArchived: "yes" | "archived";
}

const rights = {
  read: { from: "anyone", whenArchived: "yes" },
  // Opening makes one a member; an archived room is read by opening it, like any other.
  open: { from: "anyone", whenArchived: "yes" },
  markRead: { from: "guest", whenArchived: "yes" },
  post: { from: "guest", except: { announcement: "moderator" }, whenArchived: "archived" },
  typing: { from: "guest", except: { announcement: "moderator" }, whenArchived: "archived" },
  react: { from: "guest", whenArchived: "archived" },
  editOwn: { from: "guest", whenArchived: "archived" },
  deleteOwn: { from: "guest", whenArchived: "archived" },
  deleteAny: { from: "moderator", except: { direct: "nobody" }, whenArchived: "archived" },
  pin: { from: "moderator", except: { direct: "guest" }, whenArchived: "archived" },
  mentionAll: { from: "moderator", except: { direct: "guest" }, whenArchived: "archived" },
  // Adding someone is inviting them without asking: it takes the same right.
  invite: { from: "moderator", except: { public: "member", direct: "nobody" }, whenArchived: "archived" },
  addMember: { from: "moderator", except: { public: "member", direct: "nobody" }, whenArchived: "archived" },
  // Leaving and losing a role stay possible in an archived room: nobody is kept in one.
  leave: { from: "guest", except: { direct: "nobody" }, whenArchived: "yes" },
  removeMember: { from: "moderator", except: { direct: "nobody" }, whenArchived: "yes" },
  setRole: { from: "moderator", except: { direct: "nobody" }, whenArchived: "yes" },
  update: { from: "admin", except: { direct: "nobody" }, whenArchived: "archived" },
  archive: { from: "owner", except: { direct: "nobody" }, whenArchived: "yes" },
} as const satisfies Record<string, Right>;

export type Action = keyof typeof rights;
export const actions = Object.keys(rights) as Action[];

/** Answers whether someone of this standing may do this. */
export function can(action: Action, standing: Standing): Verdict {
  const right: Right = rights[action];
  const isVisible = standing.role !== null || isOpenToAll(standing.roomType);
  // A room that may not be seen answers like one that does not exist.
  if (!isVisible) return "not_found";
  const from = right.except?.[standing.roomType] ?? right.from;
  if (from === "nobody") return "forbidden";
  if (from !== "anyone") {
    const role = effectiveRole(standing);
    if (role === null || rankOf(role) < rankOf(from)) return "forbidden";
  }
  return standing.isArchived ? right.whenArchived : "yes";
}

/** Throws the refusal that a verdict stands for. `subject` names what cannot be found. */
export function requireVerdict(verdict: Verdict, subject: "Room" | "Message" | "Member" = "Room"): void {
  if (verdict === "yes") return;
  if (verdict === "not_found") throw new Refusal("not_found", `${subject} not found`);
  if (verdict === "archived") throw new Refusal("archived", "Room is archived");
  throw new Refusal("forbidden", messages.permissionDenied);
}

/**
 * An administrator of the instance acts as an owner in the rooms that are open to all, once a member. What is private
 * stays private: there only the role counts.
 */
export function effectiveRole({ role, roomType, isAdmin }: Standing): Role | null {
  return role !== null && isAdmin && isOpenToAll(roomType) ? "owner" : role;
}

export function rankOf(role: Role): number {
  return roles.indexOf(role);
}

/** Rooms that anyone may see, and become a member of by opening them. */
export function isOpenToAll(roomType: RoomType): boolean {
  return roomType === "public" || roomType === "announcement";
}
