"use client";
import { IconButton, LiveChat, roomRights, useRoom, useRoomName } from "@mirage/react";
import { Menu, Settings2, UserPlus } from "lucide-react";
import Link from "next/link";
import { useEffect } from "react";
import { useOpenDrawer } from "../shell/drawer.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { RoomSettingsDialog } from "./room-settings-dialog.tsx";

/** One room: the conversation, with the app's own buttons in its header. */
export function RoomPage({ roomId }: { roomId: string }) {
  const { state } = useRoom(roomId);
  const openDrawer = useOpenDrawer();
  const rights = roomRights(state.room);
  const isOpenToAll = state.room?.type === "public" || state.room?.type === "announcement";
  const mayShare = !state.room?.archived && (rights.canInvite || isOpenToAll);
  const name = useRoomName(roomId, state.room);
  useEffect(() => {
    if (name !== "") document.title = `${name} · Mirage`;
  }, [name]);
  return (
    <LiveChat
      roomId={roomId}
      headerStart={
        <IconButton label="Show rooms" className="only-phone" onClick={openDrawer}>
          <Menu size={20} aria-hidden />
        </IconButton>
      }
      headerEnd={
        <>
          {mayShare && (
            <InviteDialog roomId={roomId} canInvite={rights.canInvite}>
              <button type="button" className="mrg-header-people" aria-label="Invite people" title="Invite people">
                <UserPlus size={18} aria-hidden />
                <span className="max-sm:hidden">Invite</span>
              </button>
            </InviteDialog>
          )}
          {state.room && (rights.canLeave || rights.canUpdate) && (
            <RoomSettingsDialog room={state.room}>
              <IconButton label="Room settings">
                <Settings2 size={18} aria-hidden />
              </IconButton>
            </RoomSettingsDialog>
          )}
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
