"use client";
import type { OwnRoom } from "@mirage/protocol";
import { IconButton, roomRights, useRealtime } from "@mirage/react";
import { Files, Settings2, UserPlus } from "lucide-react";
import Link from "next/link";
import { type MouseEvent, useRef, useState } from "react";
import { documentsPath } from "../documents/document-path.ts";
import { InviteDialog } from "./invite-dialog.tsx";
import { RoomMenu } from "./room-menu.tsx";
import { RoomSettingsDialog } from "./room-settings-dialog.tsx";

/** The app's own buttons in a room's header. A phone has room for one, which offers the others. */
export function RoomButtons({ room }: { room: OwnRoom }) {
  const { hasNotifications, hasDocuments } = useRealtime();
  const [shown, setShown] = useState<"invite" | "settings">();
  const opener = useRef<HTMLButtonElement>(null);
  const rights = roomRights(room);
  const isOpenToAll = room.type === "public" || room.type === "announcement";
  const offers = {
    documents: hasDocuments,
    invite: !room.archived && (rights.canInvite || isOpenToAll),
    settings: hasNotifications || rights.canLeave || rights.canUpdate,
  };
  const show = (what: typeof shown) => (event: MouseEvent<HTMLButtonElement>) => {
    opener.current = event.currentTarget;
    setShown(what);
  };
  const toggle = (what: typeof shown) => (isOpen: boolean) => setShown(isOpen ? what : undefined);
  return (
    <>
      <span className="no-phone">
        {offers.documents && (
          <Link href={documentsPath(room.id)} className="mrg-icon-button" aria-label="Documents" title="Documents">
            <Files size={18} aria-hidden />
          </Link>
        )}
        {offers.invite && (
          <button
            type="button"
            className="mrg-header-people"
            aria-label="Invite people"
            title="Invite people"
            aria-haspopup="dialog"
            onClick={show("invite")}
          >
            <UserPlus size={18} aria-hidden />
            <span>Invite</span>
          </button>
        )}
        {offers.settings && (
          <IconButton label="Room settings" aria-haspopup="dialog" onClick={show("settings")}>
            <Settings2 size={18} aria-hidden />
          </IconButton>
        )}
      </span>
      <span className="only-phone">
        <RoomMenu room={room} offers={offers} opener={opener} onChoose={setShown} />
      </span>
      <InviteDialog
        roomId={room.id}
        canInvite={rights.canInvite}
        isOpen={shown === "invite"}
        onOpenChange={toggle("invite")}
        opener={opener}
      />
      <RoomSettingsDialog room={room} isOpen={shown === "settings"} onOpenChange={toggle("settings")} opener={opener} />
    </>
  );
}
