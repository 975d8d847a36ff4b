"use client";
import type { Presence } from "@mirage/protocol";
import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { useRealtime } from "../provider.tsx";
import { useStore } from "./use-store.ts";

/** How a person is, followed for as long as the component is mounted; absent until it is known. */
export function usePresence(userId: string): Presence | undefined {
  const { presence } = useRealtime().realtime;
  useEffect(() => presence.watch([userId]), [presence, userId]);
  const subscribe = useCallback((listener: () => void) => presence.people.subscribe(listener), [presence]);
  const get = useCallback(() => presence.people.get().get(userId), [presence, userId]);
  return useSyncExternalStore(subscribe, get, get);
}

/** How these people are, followed for as long as the component is mounted; those of whom nothing is known are absent. */
export function usePresences(userIds: readonly string[]): ReadonlyMap<string, Presence> {
  const { presence } = useRealtime().realtime;
  // The same people in a new array are not followed anew.
  const key = JSON.stringify(userIds);
  const watched = useMemo(() => JSON.parse(key) as string[], [key]);
  useEffect(() => presence.watch(watched), [presence, watched]);
  return useStore(presence.people);
}
