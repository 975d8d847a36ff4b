"use client";
import type { RoomListing } from "@mirage/protocol";
import { useRequest, useRooms } from "@mirage/react";
import { Hash, Megaphone } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { AppDialog, DialogError } from "../shell/app-dialog.tsx";
import { roomPath } from "./room-path.ts";

/** The public rooms; opening one makes one a member. */
export function BrowseDialog({ children, isDrawer = false }: { children: ReactNode; isDrawer?: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  const [found, setFound] = useState<RoomListing[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const list = useRequest("list_rooms");
  const load = async (from: string | null) => {
    const page = await list.run(from === null ? { scope: "public" } : { scope: "public", cursor: from });
    if (!page) return;
    setFound((before) => (from === null ? page.rooms : (before ?? []).concat(page.rooms)));
    setCursor(page.nextCursor);
  };
  const change = (next: boolean) => {
    setIsOpen(next);
    if (next) void load(null);
  };
  return (
    <AppDialog
      title="Public rooms"
      text="Open one to join it."
      trigger={children}
      isOpen={isOpen}
      onOpenChange={change}
    >
      <ul className="-mx-2 flex max-h-[50dvh] flex-col gap-0.5 overflow-y-auto" aria-busy={list.isRunning}>
        {found?.map((room) => (
          <PublicRoom key={room.id} room={room} isDrawer={isDrawer} onOpen={() => setIsOpen(false)} />
        ))}
      </ul>
      {found?.length === 0 && <p>There are no public rooms yet. Create the first one.</p>}
      <DialogError text={list.error} />
      {cursor !== null && (
        <button
          type="button"
          className="button mt-3 w-full"
          disabled={list.isRunning}
          onClick={() => void load(cursor)}
        >
          Show more
        </button>
      )}
    </AppDialog>
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
