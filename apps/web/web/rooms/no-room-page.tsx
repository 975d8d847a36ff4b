"use client";
import { useRooms } from "@mirage/react";
import { Compass } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Logo } from "../shell/logo.tsx";
import { BrowseDialog } from "./browse-dialog.tsx";
import { CreateRoomDialog } from "./create-room-dialog.tsx";
import { roomPath } from "./room-path.ts";

/** No room is open: on a wide screen go to the liveliest one, or help to find a first one. */
export function NoRoomPage() {
  const { status, rooms } = useRooms();
  const router = useRouter();
  const first = rooms[0]?.id;
  useEffect(() => {
    if (first !== undefined && window.matchMedia("(width >= 768px)").matches) router.replace(roomPath(first));
  }, [first, router]);
  if (status !== "ready" || first !== undefined) return null;
  return (
    <div className="grid h-full place-content-center justify-items-center gap-3 p-8 text-center">
      <Logo size={48} />
      <h1 className="mt-2 text-xl font-bold tracking-tight">Where would you like to talk?</h1>
      <p className="max-w-sm text-ink-soft">You are in no room yet. Join one that is open to all, or make your own.</p>
      <div className="mt-3 flex flex-wrap justify-center gap-3">
        <BrowseDialog>
          <button type="button" className="button button-primary">
            <Compass size={18} aria-hidden />
            Browse public rooms
          </button>
        </BrowseDialog>
        <CreateRoomDialog>
          <button type="button" className="button">
            Create a room
          </button>
        </CreateRoomDialog>
      </div>
    </div>
  );
}
