import type { RoomListing } from "@mirage/protocol";

/** A room's name as this person sees it: a direct conversation is called after the others in it. */
export function nameRoom(room: Pick<RoomListing, "name" | "type" | "others">): string {
  if (room.type !== "direct" || !room.others || room.others.length === 0) return room.name;
  return room.others.map((person) => person.username).join(", ");
}
