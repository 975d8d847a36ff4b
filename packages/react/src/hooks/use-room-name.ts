"use client";
import type { OwnRoom } from "@mirage/protocol";
import { nameRoom } from "../rooms/name-room.ts";
import { useRooms } from "./use-rooms.ts";

/** A room's name as this person sees it; empty until it is known. */
export function useRoomName(roomId: string, room?: OwnRoom): string {
  const listing = useRooms().rooms.find((one) => one.id === roomId);
  if (listing) return nameRoom(listing);
  return room?.name ?? "";
}
