"use client";
import type { RoomListing } from "@mirage/protocol";
import { useRequest, useRooms } from "@mirage/react";
import { Hash, Megaphone } from "lucide-react";
import Link from "next/link";
import { useCallback, useEffect, useState } from "react";
import { DialogError } from "../shell/app-dialog.tsx";
import { roomPath } from "./room-path.ts";

interface PublicRoomsProps {
  isDrawer: boolean;
  /** One of them is being opened. */
  onOpen(): void;
}

/** The public rooms, as they are now. */
export function PublicRooms({ isDrawer, onOpen }: PublicRoomsProps) {
  const [found, setFound] = useState<RoomListing[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const { run, isRunning, error } = useRequest("list_rooms");
  const load = useCallback(
    async (from: string | null) => {
      const page = await run(from === null ? { scope: "public" } : { scope: "public", cursor: from });
      if (!page) return;
      setFound((before) => (from === null ? page.rooms : (before ?? []).concat(page.rooms)));
      setCursor(page.nextCursor);
    },
    [run],
  );
  useEffect(() => void load(null), [load]);
  return (
    <>
      <ul className="-mx-2 flex max-h-[50dvh] flex-col gap-0.5 overflow-y-auto" aria-busy={isRunning}>
        {found?.map((room) => (
          <PublicRoom key={room.id} room={room} isDrawer={isDrawer} onOpen={onOpen} />
        ))}
      </ul>
      {found?.length === 0 && <p>There are no public rooms yet. Create the first one.</p>}
      <DialogError text={error} />
      {cursor !== null && (
        <button type="button" className="button mt-3 w-full" disabled={isRunning} onClick={() => void load(cursor)}>
          Show more
        </button>
      )}
    </>
  );
}

function PublicRoom({ room, isDrawer, onOpen }: { room: RoomListing; isDrawer: boolean; onOpen: () => void }) {
  const isMine = useRooms().rooms.some((one) => one.id === room.id);
  const Icon = room.type === "announcement" ? Megaphone : Hash;
  return (
    <li>
      <Link
        href={roomPath(room.id)}
        replace={isDrawer}
        onClick={onOpen}
        className="flex min-h-14 items-center gap-3 rounded-xl px-3 hover:bg-sunken"
      >
        <Icon size={18} className="flex-none text-ink-faint" aria-hidden />
        <span className="min-w-0 flex-1 leading-tight">
          <span className="block truncate font-semibold" dir="auto">
            {room.name}
          </span>
          <span className="block truncate text-[0.8125rem] text-ink-soft" dir="auto">
            {room.memberCount === 1 ? "1 member" : `${room.memberCount} members`}
            {room.description ? ` · ${room.description}` : ""}
          </span>
        </span>
        <span className="text-sm font-semibold text-accent">{isMine ? "Open" : "Join"}</span>
      </Link>
    </li>
  );
}
