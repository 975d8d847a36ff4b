"use client";
import type { RoomState } from "@mirage/client";
import { Archive, Hash, Lock, Megaphone, MessagesSquare, Users } from "lucide-react";
import type { ReactNode } from "react";
import { useRoomName } from "../hooks/use-room-name.ts";
import { useRealtime } from "../provider.tsx";

interface ChatHeaderProps {
  roomId: string;
  state: RoomState;
  start: ReactNode;
  end: ReactNode;
  arePeopleShown: boolean;
  onTogglePeople(): void;
}

const icons = { public: Hash, private: Lock, direct: MessagesSquare, announcement: Megaphone };

/** The room's name and topic, who is here, and what the host adds. */
export function ChatHeader({ roomId, state, start, end, arePeopleShown, onTogglePeople }: ChatHeaderProps) {
  const { labels } = useRealtime();
  const { room } = state;
  const name = useRoomName(roomId, room);
  const Icon = room?.archived ? Archive : icons[room?.type ?? "public"];
  return (
    <header className="mrg-header">
      {start}
      <Icon className="mrg-header-icon" size={19} aria-hidden />
      <div className="mrg-header-text">
        <h1 dir="auto">{name}</h1>
        {room?.description && <p dir="auto">{room.description}</p>}
      </div>
      {end}
      <button
        type="button"
        className="mrg-header-people"
        aria-expanded={arePeopleShown}
        aria-label={labels.showPeople(state.memberCount)}
        title={labels.people}
        onClick={onTogglePeople}
      >
        <Users size={18} aria-hidden />
        <span aria-hidden>{state.memberCount}</span>
      </button>
    </header>
  );
}
