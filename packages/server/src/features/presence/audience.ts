import { limits } from "@mirage/protocol";
import type { Topics } from "../../hot-path/topics.ts";
import type { BoardPerson, BoardRoom } from "./presence-board.ts";
import type { Watchers } from "./watchers.ts";

/** Whether a room's people are told of each other by name. */
export function isSmall({ memberCount }: BoardRoom): boolean {
  return memberCount <= limits.crowdMembers;
}

/** People who share a room of at most 200 with a person, themselves among them; on this node and others. */
function peersOf({ rooms }: BoardPerson): ReadonlySet<BoardPerson> {
  const small = rooms.filter(isSmall);
  const [first] = small;
  if (first && small.length === 1) return first.people;
  const peers = new Set<BoardPerson>();
  for (const room of small) for (const person of room.people) peers.add(person);
  return peers;
}

/** Those in a room who see a person for the first time when that person becomes a member of it. */
export function newPeersOf(person: BoardPerson, room: BoardRoom): BoardPerson[] {
  if (!isSmall(room)) return [];
  const others = person.rooms.filter((other) => other !== room && isSmall(other));
  return [...room.people].filter((peer) => peer !== person && !others.some(({ people }) => people.has(peer)));
}

/**
 * Who may see whom: people with a room of at most 200 in common, and whoever follows somebody. Finding a person's
 * audience costs what that audience is, however many people there are.
 */
export class Audience {
  readonly #topics: Topics;
  readonly #watchers: Watchers;

  constructor(topics: Topics, watchers: Watchers) {
    this.#topics = topics;
    this.#watchers = watchers;
  }

  /** This node's connections that see a person, each once; the person's own are not among them. */
  of(person: BoardPerson): Iterable<string> {
    const watching = this.#watchers.of(person.userId);
    if (watching.size === 0) return this.#ofPeers(person);
    const all = new Set(this.#ofPeers(person));
    for (const connectionId of watching) all.add(connectionId);
    for (const own of this.connectionsOf(person)) all.delete(own);
    return all;
  }

  connectionsOf({ userId }: Pick<BoardPerson, "userId">): Iterable<string> {
    return this.#topics.listConnections(`user:${userId}`);
  }

  *#ofPeers(person: BoardPerson): Iterable<string> {
    for (const peer of peersOf(person)) if (peer !== person) yield* this.connectionsOf(peer);
  }
}
