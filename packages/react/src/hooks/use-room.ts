"use client";
import type { RoomHandle, RoomState } from "@mirage/client";
import { useEffect } from "react";
import { useRealtime } from "../provider.tsx";
import { useStore } from "./use-store.ts";

/** Opens a room for as long as the component is mounted; gives its state and what can be done in it. */
export function useRoom(roomId: string): { room: RoomHandle; state: RoomState } {
  const room = useRealtime().realtime.room(roomId);
  useEffect(() => room.open(), [room]);
  return { room, state: useStore(room.state) };
}
