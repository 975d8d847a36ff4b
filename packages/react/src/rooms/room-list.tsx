"use client";
import type { RoomListing } from "@mirage/protocol";
import { BellOff, Hash, Lock, Megaphone, Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "../avatar.tsx";
import { useDraftRooms } from "../hooks/use-drafts.ts";
import { useMutedRooms } from "../hooks/use-muted-rooms.ts";
import { usePresence } from "../hooks/use-presence.ts";
import { useRooms } from "../hooks/use-rooms.ts";
import { PersonAvatar } from "../presence/person-avatar.tsx";
import { useRealtime } from "../provider.tsx";
import { nameRoom } from "./name-room.ts";

export interface RoomListProps {
  activeRoomId?: string | undefined;
  /** Makes the link to a room: the host knows its router. Spread `props` onto it. */
  renderLink(room: RoomListing, props: RoomLinkProps): ReactNode;
}

/** What a room's link must carry. */
export interface RoomLinkProps {
  className: string;
  "aria-current": "page" | undefined;
  "data-unread": boolean | undefined;
  "data-muted": boolean | undefined;
  children: ReactNode;
}

/** One's rooms and direct conversations, with what is unread and where a draft waits. */
export function RoomList({ activeRoomId, renderLink }: RoomListProps) {
  const { realtime, labels } = useRealtime();
  const { status, rooms, failure } = useRooms();
  if (status === "error" && rooms.length === 0) {
    return (
      <div className="mrg-rooms-note" role="alert">
        <p>
          {labels.roomsFailed} {failure?.message}
        </p>
        <button type="button" className="mrg-button" onClick={() => void realtime.refreshRooms()}>
          {labels.tryAgain}
        </button>
      </div>
    );
  }
  const direct = rooms.filter((room) => room.type === "direct");
  const shared = rooms.filter((room) => room.type !== "direct");
  const group = { activeRoomId, renderLink };
  return (
    <nav className="mrg-rooms" aria-label={labels.rooms} aria-busy={status === "loading"}>
      <RoomGroup title={labels.rooms} rooms={shared} {...group} />
      {direct.length > 0 && <RoomGroup title={labels.directMessages} rooms={direct} {...group} />}
    </nav>
  );
}

function RoomGroup({
  title,
  rooms,
  activeRoomId,
  renderLink,
}: RoomListProps & { title: string; rooms: readonly RoomListing[] }) {
  const drafts = useDraftRooms();
  const muted = useMutedRooms();
  return (
    <section>
      <h2 className="mrg-rooms-title">{title}</h2>
      <ul>
        {rooms.map((room) => {
          const isActive = room.id === activeRoomId;
          const isMuted = muted.has(room.id);
          const hasDraft = !isActive && drafts.includes(room.id);
          const children = <RoomLine room={room} hasDraft={hasDraft} isMuted={isMuted} />;
          const link: RoomLinkProps = {
            className: "mrg-room",
            "aria-current": isActive ? "page" : undefined,
            // Of a muted room only what is meant for one stands out.
            "data-unread": (isMuted ? room.mentions : room.unread) > 0 || undefined,
            "data-muted": isMuted || undefined,
            children,
          };
          return <li key={room.id}>{renderLink(room, link)}</li>;
        })}
      </ul>
    </section>
  );
}

function RoomLine({ room, hasDraft, isMuted }: { room: RoomListing; hasDraft: boolean; isMuted: boolean }) {
  const { labels } = useRealtime();
  const count = (number: number) => (number >= 100 ? "99+" : number);
  return (
    <>
      <RoomIcon room={room} />
      <span className="mrg-room-name" dir="auto">
        {nameRoom(room)}
      </span>
      {hasDraft && (
        <span className="mrg-room-draft" title={labels.draft}>
          <Pencil size={13} aria-hidden />
          <span className="mrg-hidden">{labels.draft}</span>
        </span>
      )}
      {isMuted && (
        <span className="mrg-room-draft" title={labels.muted}>
          <BellOff size={13} aria-hidden />
          <span className="mrg-hidden">{labels.muted}</span>
        </span>
      )}
      {room.mentions > 0 ? (
        <span className="mrg-badge mrg-badge-mention">
          <span aria-hidden>{count(room.mentions)}</span>
          <span className="mrg-hidden">{labels.mentioned(room.mentions)}</span>
        </span>
      ) : (
        room.unread > 0 &&
        !isMuted && (
          <span className="mrg-badge">
            <span aria-hidden>{count(room.unread)}</span>
            <span className="mrg-hidden">{labels.unread(room.unread)}</span>
          </span>
        )
      )}
    </>
  );
}

function RoomIcon({ room }: { room: RoomListing }) {
  const other = room.others?.[0];
  if (room.type === "direct" && other) {
    // Of several people no single mark could be right.
    if (room.others?.length === 1) return <OtherAvatar userId={other.userId} />;
    return <Avatar userId={other.userId} size={22} />;
  }
  const Icon = room.type === "private" ? Lock : room.type === "announcement" ? Megaphone : Hash;
  return <Icon className="mrg-room-icon" size={17} aria-hidden />;
}

function OtherAvatar({ userId }: { userId: string }) {
  return <PersonAvatar userId={userId} size={22} status={usePresence(userId)?.status} />;
}
