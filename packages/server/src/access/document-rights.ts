/**
 * What people may do with a document: the one table of it. Pure: it judges a standing that somebody else looked up.
 */
import { type DocumentRole, documentRoles, messages, Refusal } from "@mirage/protocol";
import { can, effectiveRole, rankOf, type Standing } from "./rights.ts";

/** How somebody stands to a document. */
export interface DocumentStanding {
  readonly isOwner: boolean;
  /** The role they were given here. */
  readonly ownRole: DocumentRole | null;
  /** How they stand to the document's room; null where it has none. */
  readonly room: Standing | null;
  readonly isTrashed: boolean;
}

/** `manage`: people's roles. `trash`: in and out of it. `moderate`: others' comments. */
export type DocumentAction = DocumentRole | "manage" | "trash" | "moderate" | "delete";

/** The highest of what somebody has by themselves and by the room; what is in the trash is seen by those who may take it out. */
export function documentRoleOf(standing: DocumentStanding): DocumentRole | null {
  if (standing.isTrashed) return mayTrash(standing) ? "view" : null;
  return wholeRoleOf(standing);
}

/** What a member of a room may do with its documents. */
export function inheritedRole(room: Standing | null): DocumentRole | null {
  if (room === null || room.role === null) return null;
  if (room.isArchived) return "view";
  if (room.roomType === "announcement") return can("post", room) === "yes" ? "edit" : "view";
  return room.role === "guest" && room.roomType !== "direct" ? "comment" : "edit";
}

/** Whether what is asked for needs no more than a person's own role, so that the room's rights do not matter. */
export function sufficesAlone({ isOwner, ownRole }: DocumentStanding, action: DocumentAction): boolean {
  return isOwner || (isRole(action) && isAtLeast(ownRole, action));
}

/** @throws Refusal `not_found` for whoever may not see the document, `forbidden`. */
export function requireDocumentRight(standing: DocumentStanding | undefined, action: DocumentAction): void {
  const role = standing && documentRoleOf(standing);
  if (!standing || !role) throw new Refusal("not_found", "Document not found");
  if (isRole(action) ? isAtLeast(role, action) : mayAct(standing, action)) return;
  throw new Refusal("forbidden", action === "edit" ? messages.editDenied : messages.permissionDenied);
}

function mayAct(standing: DocumentStanding, action: Exclude<DocumentAction, DocumentRole>): boolean {
  if (action === "delete") return standing.isOwner;
  return action === "manage" ? standing.isOwner || hasRank(standing.room, "admin") : mayTrash(standing);
}

function mayTrash({ isOwner, room }: DocumentStanding): boolean {
  return isOwner || hasRank(room, "moderator");
}

/** In a direct conversation all are equal, and nobody is above the owner of a document there. */
function hasRank(room: Standing | null, from: "moderator" | "admin"): boolean {
  const role = room && effectiveRole(room);
  return role !== null && room?.roomType !== "direct" && rankOf(role) >= rankOf(from);
}

function wholeRoleOf({ isOwner, ownRole, room }: DocumentStanding): DocumentRole | null {
  if (isOwner) return "edit";
  const inherited = inheritedRole(room);
  return isAtLeast(ownRole, inherited ?? "view") ? ownRole : inherited;
}

function isAtLeast(role: DocumentRole | null, least: DocumentRole): boolean {
  return role !== null && documentRoles.indexOf(role) >= documentRoles.indexOf(least);
}

function isRole(action: DocumentAction): action is DocumentRole {
  return (documentRoles as readonly string[]).includes(action);
}
