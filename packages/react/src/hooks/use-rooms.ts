"use client";
import type { RoomsState } from "@mirage/client";
import { useRealtime } from "../provider.tsx";
import { useStore } from "./use-store.ts";

/** This person's rooms with unread counts, kept up to date. */
export function useRooms(): RoomsState {
  return useStore(useRealtime().realtime.rooms);
}
