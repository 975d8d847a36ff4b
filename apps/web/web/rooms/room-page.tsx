"use client";
import { IconButton, LiveChat, useRoom, useRoomName } from "@mirage/react";
import { Menu } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useEffect } from "react";
import { AppBell } from "../notifications/app-bell.tsx";
import { useOpenDrawer } from "../shell/drawer.tsx";
import { RoomButtons } from "./room-buttons.tsx";

/** One room: the conversation, with the app's own buttons in its header. */
export function RoomPage({ roomId }: { roomId: string }) {
  const { state } = useRoom(roomId);
  const search = useSearchParams();
  const openDrawer = useOpenDrawer();
  const name = useRoomName(roomId, state.room);
  useEffect(() => {
    if (name !== "") document.title = `${name} · Mirage`;
  }, [name]);
  return (
    <LiveChat
      roomId={roomId}
      messageId={search.get("message") ?? undefined}
      messageSeq={Number.parseInt(search.get("seq") ?? "", 10) || undefined}
      headerStart={
        <IconButton label="Show rooms" className="only-phone" onClick={openDrawer}>
          <Menu size={20} aria-hidden />
        </IconButton>
      }
      headerEnd={
        <>
          {state.room && <RoomButtons key={roomId} room={state.room} />}
          <span className="only-phone">
            <AppBell activeRoomId={roomId} />
          </span>
        </>
      }
      refusedAction={
        <Link href="/rooms" className="button button-primary">
          Go to your rooms
        </Link>
      }
    />
  );
}
