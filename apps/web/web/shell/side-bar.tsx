"use client";
import { PresenceStatus, RoomList, useRealtime } from "@mirage/react";
import { Compass, Files, Plus } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { documentsPath } from "../documents/document-path.ts";
import { AppBell } from "../notifications/app-bell.tsx";
import { BrowseDialog } from "../rooms/browse-dialog.tsx";
import { CreateRoomDialog } from "../rooms/create-room-dialog.tsx";
import { roomPath } from "../rooms/room-path.ts";
import type { SessionUser } from "../session/auth-api.ts";
import { AccountMenu } from "./account-menu.tsx";
import { Logo } from "./logo.tsx";

interface SideBarProps {
  user: SessionUser;
  activeRoomId: string | undefined;
  /** In the drawer, links take the place of the drawer's own step of history. */
  isDrawer: boolean;
}

const action =
  "flex min-h-10 w-full items-center gap-2.5 rounded-[10px] px-3 text-[0.9375rem] text-ink-soft hover:bg-[rgb(128_120_100/12%)] hover:text-ink pointer-coarse:min-h-12";

/** The rooms, the ways to more of them, and one's own account. */
export function SideBar({ user, activeRoomId, isDrawer }: SideBarProps) {
  return (
    <>
      <div className="flex min-h-[68px] flex-none items-center pe-3">
        <Link
          href="/rooms"
          replace={isDrawer}
          className="flex flex-1 items-center gap-3 px-5 text-lg font-bold tracking-tight"
        >
          <Logo />
          Mirage
        </Link>
        {/* Behind the drawer stands the room, which has a bell of its own. */}
        {!isDrawer && <AppBell activeRoomId={activeRoomId} />}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        <DocumentsLink isDrawer={isDrawer} />
        <RoomList
          activeRoomId={activeRoomId}
          renderLink={(room, props) => <Link href={roomPath(room.id)} replace={isDrawer} {...props} />}
        />
        <div className="mt-4">
          <CreateRoomDialog isDrawer={isDrawer}>
            <button type="button" className={action}>
              <Plus size={17} className="w-[22px] text-ink-faint" aria-hidden />
              Create a room
            </button>
          </CreateRoomDialog>
          <BrowseDialog isDrawer={isDrawer}>
            <button type="button" className={action}>
              <Compass size={17} className="w-[22px] text-ink-faint" aria-hidden />
              Browse public rooms
            </button>
          </BrowseDialog>
        </div>
      </div>
      <div className="mx-2 grid flex-none">
        <PresenceStatus />
      </div>
      <AccountMenu user={user} />
    </>
  );
}

/** The way to the documents; nothing where they are switched off. */
function DocumentsLink({ isDrawer }: { isDrawer: boolean }) {
  const { hasDocuments } = useRealtime();
  const isHere = usePathname() === documentsPath();
  if (!hasDocuments) return null;
  return (
    <Link
      href={documentsPath()}
      replace={isDrawer}
      className="mrg-room mb-4"
      aria-current={isHere ? "page" : undefined}
    >
      <Files size={17} className="mrg-room-icon" aria-hidden />
      Documents
    </Link>
  );
}
