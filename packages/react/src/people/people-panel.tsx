"use client";
import type { RoomState } from "@mirage/client";
import type { Member } from "@mirage/protocol";
import { MessageCircle, X } from "lucide-react";
import { Avatar } from "../avatar.tsx";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { useAllMembers } from "./use-all-members.ts";

/** The people of a room: those who are here now, then the others. */
export function PeoplePanel({ roomId, state, onClose }: { roomId: string; state: RoomState; onClose(): void }) {
  const { labels } = useRealtime();
  const { members, loadMore } = useAllMembers(roomId, state);
  const online = new Set(state.online ?? []);
  const here = members.filter((member) => online.has(member.userId));
  const others = members.filter((member) => !online.has(member.userId));
  return (
    <section className="mrg-people" aria-label={labels.people}>
      <header className="mrg-people-head">
        <h2>{labels.people}</h2>
        <IconButton label={labels.close} onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      <div className="mrg-people-list">
        <People title={labels.hereNow} members={here} isHere />
        <People title={labels.members} members={others} isHere={false} />
        {loadMore && (
          <button type="button" className="mrg-button" onClick={loadMore}>
            {labels.loadMorePeople}
          </button>
        )}
      </div>
    </section>
  );
}

function People({ title, members, isHere }: { title: string; members: readonly Member[]; isHere: boolean }) {
  if (members.length === 0) return null;
  return (
    <section>
      <h3>
        {title} · {members.length}
      </h3>
      <ul>
        {members.map((member) => (
          <Person key={member.userId} member={member} isHere={isHere} />
        ))}
      </ul>
    </section>
  );
}

function Person({ member, isHere }: { member: Member; isHere: boolean }) {
  const { me, labels, onMessagePerson } = useRealtime();
  const isSelf = member.userId === me.userId;
  return (
    <li className="mrg-person">
      <span className="mrg-person-avatar" data-here={isHere || undefined}>
        <Avatar userId={member.userId} size={32} />
      </span>
      <span className="mrg-person-name" dir="auto">
        {member.username}
        {isSelf && <i> ({labels.you})</i>}
      </span>
      {member.role !== null && member.role !== "member" && <span className="mrg-role">{member.role}</span>}
      {!isSelf && onMessagePerson && (
        <IconButton label={`${labels.message} ${member.username}`} onClick={() => onMessagePerson(member.userId)}>
          <MessageCircle size={17} aria-hidden />
        </IconButton>
      )}
    </li>
  );
}
