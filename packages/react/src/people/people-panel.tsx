"use client";
import type { RoomState } from "@mirage/client";
import type { Member, Presence } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { MessageCircle, X } from "lucide-react";
import { usePresences } from "../hooks/use-presence.ts";
import { IconButton } from "../icon-button.tsx";
import { PersonAvatar } from "../presence/person-avatar.tsx";
import { useRealtime } from "../provider.tsx";
import { useAllMembers } from "./use-all-members.ts";

type Known = ReadonlyMap<string, Presence>;

/** The people of a room: those who are here now, then the others. */
export function PeoplePanel({ roomId, state, onClose }: { roomId: string; state: RoomState; onClose(): void }) {
  const { labels } = useRealtime();
  const { members, loadMore } = useAllMembers(roomId, state);
  const known = usePresences(members.slice(0, limits.watchedUsers).map(({ userId }) => userId));
  const isHere = ({ userId, status }: Member) => (known.get(userId)?.status ?? status) !== "offline";
  const here = members.filter(isHere);
  const others = members.filter((member) => !isHere(member));
  return (
    <section className="mrg-people" aria-label={labels.people}>
      <header className="mrg-people-head">
        <h2>{labels.people}</h2>
        <IconButton label={labels.close} onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      <div className="mrg-people-list">
        {state.onlineCount !== undefined && <p className="mrg-people-count">{labels.hereOf(state.onlineCount)}</p>}
        <People title={labels.hereNow} members={here} known={known} />
        <People title={labels.members} members={others} known={known} />
        {loadMore && (
          <button type="button" className="mrg-button" onClick={loadMore}>
            {labels.loadMorePeople}
          </button>
        )}
      </div>
    </section>
  );
}

function People({ title, members, known }: { title: string; members: readonly Member[]; known: Known }) {
  if (members.length === 0) return null;
  return (
    <section>
      <h3>
        {title} · {members.length}
      </h3>
      <ul>
        {members.map((member) => (
          <Person key={member.userId} member={member} presence={known.get(member.userId)} />
        ))}
      </ul>
    </section>
  );
}

function Person({ member, presence }: { member: Member; presence: Presence | undefined }) {
  const { me, labels, formats, onMessagePerson } = useRealtime();
  const seenAt = presence?.status === "offline" ? presence.lastSeen : undefined;
  const lastSeen = seenAt === undefined ? undefined : labels.lastSeen(formats.exact(new Date(seenAt)));
  const isSelf = member.userId === me.userId;
  const words = [presence?.emoji, presence?.text].filter(Boolean).join(" ");
  return (
    <li className="mrg-person" title={lastSeen}>
      <PersonAvatar userId={member.userId} size={32} status={presence?.status ?? member.status} />
      {lastSeen && <span className="mrg-hidden">{lastSeen}</span>}
      <span className="mrg-person-name" dir="auto">
        {member.username}
        {isSelf && <i> ({labels.you})</i>}
        {words && (
          <span className="mrg-person-words" dir="auto" title={words}>
            {words}
          </span>
        )}
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
