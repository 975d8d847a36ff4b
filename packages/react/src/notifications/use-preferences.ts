"use client";
import { type CommandInput, type Preferences, type RoomPreferences, triggers } from "@mirage/protocol";
import { startTransition, useCallback, useEffect, useMemo, useOptimistic, useState } from "react";
import { useConnection } from "../hooks/use-connection.ts";
import { useRequest } from "../hooks/use-request.ts";
import { useRealtime } from "../provider.tsx";
import { type PreferenceLabels, preferenceLabels } from "./preference-labels.ts";

/** The words of the settings, in the host's language where it gave them. */
export function usePreferenceLabels(): PreferenceLabels {
  const { labels } = useRealtime();
  return useMemo(() => ({ ...preferenceLabels, ...labels.preferences }), [labels]);
}

/** How this person wants to be told, kept true while the component is mounted; absent until it is known. */
export interface KnownPreferences {
  preferences: Preferences | undefined;
  /** Only rooms of which they want to be told otherwise than usual. */
  rooms: ReadonlyMap<string, RoomPreferences>;
  /** Why they could not be read. */
  error: string | undefined;
  retry(): void;
  /** Shows at once, and is taken back where the server refuses it; `refusal` then says why. */
  change(input: CommandInput<"set_preferences">): void;
  /** The whole new state of one room, shown and taken back in the same way. */
  changeRoom(room: RoomPreferences): void;
  refusal: string | undefined;
}

/** Reads one's preferences, changes them, and follows what other devices change of them. */
export function usePreferences(): KnownPreferences {
  const { realtime } = useRealtime();
  const { run, error } = useRequest("get_preferences");
  const isOnline = useConnection().status === "online";
  const [preferences, setPreferences] = useState<Preferences>();
  const [rooms, setRooms] = useState<ReadonlyMap<string, RoomPreferences>>(new Map());
  const load = useCallback(() => {
    run({}).then((reply) => {
      if (!reply) return;
      setPreferences(reply.preferences);
      setRooms(new Map(reply.rooms.map((room) => [room.roomId, room])));
    });
  }, [run]);
  // Whoever comes back may have missed a change.
  useEffect(() => {
    if (isOnline) load();
  }, [isOnline, load]);
  useEffect(() => {
    const ends = [
      realtime.on("preferences_updated", (event) => setPreferences(event.preferences)),
      realtime.on("room_preferences_updated", ({ roomId, level, mutedUntil }) => {
        const room = { roomId, level, ...(mutedUntil === undefined ? {} : { mutedUntil }) };
        setRooms((known) => new Map(known).set(roomId, room));
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [realtime]);
  const save = useRequest("set_preferences");
  const saveRoom = useRequest("set_room_preferences");
  const [shown, show] = useOptimistic(preferences, withChange);
  const [shownRooms, showRoom] = useOptimistic(rooms, withRoom);
  return {
    preferences: shown,
    rooms: shownRooms,
    error,
    retry: load,
    change: (input) =>
      startTransition(async () => {
        show(input);
        await save.run(input);
      }),
    changeRoom: (room) =>
      startTransition(async () => {
        showRoom(room);
        await saveRoom.run({ ...room, mutedUntil: room.mutedUntil ?? null });
      }),
    refusal: save.error ?? saveRoom.error,
  };
}

function withChange(known: Preferences | undefined, change: CommandInput<"set_preferences">): Preferences | undefined {
  if (!known) return undefined;
  const channels = { ...known.channels };
  for (const trigger of triggers) channels[trigger] = { ...channels[trigger], ...change.channels?.[trigger] };
  const { doNotDisturb = known.doNotDisturb, keywords = known.keywords } = change;
  return { channels, doNotDisturb, keywords };
}

function withRoom(known: ReadonlyMap<string, RoomPreferences>, room: RoomPreferences) {
  return new Map(known).set(room.roomId, room);
}
