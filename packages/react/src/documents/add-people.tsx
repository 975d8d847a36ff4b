"use client";
import type { DocumentPerson } from "@mirage/protocol";
import { useState } from "react";
import { Avatar } from "../avatar.tsx";
import { rankPeople } from "../composer/mention-query.ts";
import { useRooms } from "../hooks/use-rooms.ts";
import { useRealtime } from "../provider.tsx";
import type { Person } from "./extensions/mentions.ts";
import { useDocumentLabels } from "./use-document-labels.ts";

/** Of so many of one's rooms the people are offered, the document's own first. */
const searchedRooms = 6;

interface AddPeopleProps {
  roomId: string | null;
  /** Who is in already. */
  people: readonly DocumentPerson[];
  onAdd(userId: string): void;
}

/** Finds people of one's rooms by name. */
export function AddPeople({ roomId, people, onAdd }: AddPeopleProps) {
  const words = useDocumentLabels();
  const known = useKnownPeople(roomId);
  const [query, setQuery] = useState("");
  const own = new Set(people.filter(({ inherited }) => !inherited).map(({ userId }) => userId));
  const found =
    query.trim() === "" ? [] : rankPeople(known.people, query.trim(), []).filter(({ userId }) => !own.has(userId));
  return (
    <div className="mrg-doc-add">
      <input
        className="mrg-input"
        dir="auto"
        aria-label={words.findPerson}
        placeholder={words.addPerson}
        value={query}
        onFocus={known.load}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      {found.length > 0 && (
        <ul className="mrg-doc-found">
          {found.map(({ userId, username }) => (
            <li key={userId}>
              <button
                type="button"
                className="mrg-menu-item"
                onClick={() => {
                  setQuery("");
                  onAdd(userId);
                }}
              >
                <Avatar userId={userId} size={24} />
                <span dir="auto">{username}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {query.trim() !== "" && found.length === 0 && <p role="status">{words.nobodyFound}</p>}
    </div>
  );
}

function useKnownPeople(roomId: string | null): { people: readonly Person[]; load(): void } {
  const { realtime } = useRealtime();
  const { rooms } = useRooms();
  const [people, setPeople] = useState<readonly Person[]>();
  const load = () => {
    if (people) return;
    setPeople([]);
    const others = rooms.map(({ id }) => id).filter((id) => id !== roomId);
    const roomIds = [...(roomId === null ? [] : [roomId]), ...others].slice(0, searchedRooms);
    const pages = roomIds.map((id) => realtime.request("list_members", { roomId: id }).then(({ members }) => members));
    void Promise.allSettled(pages).then((results) => {
      const byId = new Map<string, Person>();
      for (const result of results) {
        if (result.status === "fulfilled") for (const person of result.value) byId.set(person.userId, person);
      }
      setPeople([...byId.values()]);
    });
  };
  return { people: people ?? [], load };
}
