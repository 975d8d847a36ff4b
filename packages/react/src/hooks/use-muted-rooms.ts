"use client";
import type { ReadonlyStore, Realtime } from "@mirage/client";
import type { RoomPreferences } from "@mirage/protocol";
import { useRealtime } from "../provider.tsx";
import { useNow } from "./use-now.ts";
import { useStore } from "./use-store.ts";

/** A mute that ends by itself is seen to end within this. */
const lookEveryMs = 30_000;

/** Ids of rooms, and when their mutes end. */
type Mutes = ReadonlyMap<string, number>;

const nothing: ReadonlyStore<Mutes> = { get: () => none, subscribe: () => () => undefined };
const none: Mutes = new Map();

/** Rooms that this person has muted, as of now. */
export function useMutedRooms(): ReadonlySet<string> {
  const { realtime, hasNotifications } = useRealtime();
  const now = useNow(lookEveryMs).getTime();
  const mutes = useStore(hasNotifications ? storeOf(realtime) : nothing);
  return new Set([...mutes].flatMap(([roomId, untilMs]) => (untilMs > now ? [roomId] : [])));
}

const stores = new WeakMap<Realtime, ReadonlyStore<Mutes>>();

/** One for each client, however many lists show it; it lives as long as the client. */
function storeOf(realtime: Realtime): ReadonlyStore<Mutes> {
  const store = stores.get(realtime) ?? followMutes(realtime);
  stores.set(realtime, store);
  return store;
}

function followMutes(realtime: Realtime): ReadonlyStore<Mutes> {
  let mutes = none;
  let wasOnline = false;
  const listeners = new Set<() => void>();
  const set = (next: Mutes) => {
    mutes = next;
    for (const listener of listeners) listener();
  };
  const endOf = ({ roomId, mutedUntil }: RoomPreferences) => [roomId, Date.parse(mutedUntil ?? "") || 0] as const;
  // Whoever comes back may have missed a change.
  const look = () => {
    const isOnline = realtime.connection.get().status === "online";
    if (isOnline && !wasOnline) {
      realtime.request("get_preferences", {}).then(
        ({ rooms }) => set(new Map(rooms.map(endOf))),
        () => undefined,
      );
    }
    wasOnline = isOnline;
  };
  realtime.on("room_preferences_updated", (room) => set(new Map([...mutes, endOf(room)])));
  realtime.connection.subscribe(look);
  look();
  return {
    get: () => mutes,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
