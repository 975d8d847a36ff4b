"use client";
import { useSyncExternalStore } from "react";
import { useRealtime } from "../provider.tsx";

const none: readonly string[] = [];

/** Ids of the rooms in which something was typed and not sent. */
export function useDraftRooms(): readonly string[] {
  const { drafts } = useRealtime();
  return useSyncExternalStore(drafts.subscribe, drafts.rooms, () => none);
}
