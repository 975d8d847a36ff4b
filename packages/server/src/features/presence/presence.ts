import {
  type CommandPayload,
  type CommandReply,
  limits,
  type Presence as PresenceShown,
  type PresenceStatus,
  Refusal,
  type Room,
} from "@mirage/protocol";
import type { PresenceView } from "../../access/presence-view.ts";
import type { Session } from "../../access/session.ts";
import type { Topics } from "../../hot-path/topics.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Announcer } from "./announcer.ts";
import { isSmall, newPeersOf } from "./audience.ts";
import type { CrowdCounts } from "./crowd-counts.ts";
import { Deadlines } from "./deadlines.ts";
import { PersonLoader } from "./person-loader.ts";
import { type Choice, choiceAt, lookOf, noChoice, ownPresenceOf } from "./presence.policy.ts";
import type { PersonWrite, PresenceStore, StoredPerson } from "./presence.store.ts";
import { activityOf, type BoardPerson, type PresenceBoard, statusOf } from "./presence-board.ts";
import type { PresenceWriter } from "./presence-writer.ts";
import type { Watchers } from "./watchers.ts";

export interface PresenceDeps {
  topics: Topics;
  clock: Clock;
  store: PresenceStore;
  writer: PresenceWriter;
  board: PresenceBoard;
  announcer: Announcer;
  counts: CrowdCounts;
  watchers: Watchers;
  /** The one form of an emoji. @throws Refusal `bad_request` */
  normaliseEmoji: (emoji: string) => Promise<string>;
  /** Other nodes have to be told that somebody's rooms are others. */
  hasOtherNodes: boolean;
  /** Somebody who is here does not want to be seen any more, or wants to again. */
  onVisibility: (userId: string, isInvisible: boolean) => void;
}

/** What the coming, going and choosing of people means for what others see of them. */
export class Presence implements PresenceView {
  readonly #deps: PresenceDeps;
  readonly #loader: PersonLoader;
  /** People whose last connection has gone, until they count as gone themselves. */
  readonly #leaving: Deadlines<BoardPerson>;
  readonly #expiring: Deadlines<BoardPerson>;
  /** Of people at some of whose connections nobody sits: those connections. */
  readonly #unattended = new Map<string, Set<string>>();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    this.#loader = new PersonLoader(deps.store);
    this.#leaving = new Deadlines(deps.clock, (person) => this.#settleLeaving(person));
    this.#expiring = new Deadlines(deps.clock, (person) => this.#choose(person, person.choice));
  }

  statusOf(userId: string): PresenceStatus {
    const person = this.#deps.board.find(userId);
    return person ? statusOf(person) : "offline";
  }

  showStatus(userId: string): PresenceStatus {
    const person = this.#deps.board.find(userId);
    if (!person) return "offline";
    this.#deps.announcer.answered(person);
    return statusOf(person);
  }

  isInvisible(userId: string): boolean {
    return this.#deps.board.find(userId)?.choice.status === "offline";
  }

  listHere(roomId: string): string[] {
    const people = [...(this.#deps.board.findRoom(roomId)?.people ?? [])];
    return people.filter((person) => statusOf(person) !== "offline").map(({ userId }) => userId);
  }

  /** Whether somebody sits at a connection of this person's at this moment, here or at another node. */
  isActive(userId: string): boolean {
    const person = this.#deps.board.find(userId);
    if (!person) return false;
    return person.elsewhere === "online" || (person.here === "online" && this.#hasConnection(userId));
  }

  /** A connection was attached to its person's own topic. Of who had none before it is read how they stand. */
  async connected({ userId, username }: Session): Promise<void> {
    if (this.#joinOthers({ userId, username })) return;
    const stored = await this.#loader.load(userId);
    if (!stored || !this.#hasConnection(userId)) return;
    // Another connection may have been faster, and what it read has been kept up since.
    if (!this.#joinOthers({ userId, username })) this.#arrive({ ...stored, username });
  }

  /** A connection has gone, and is detached from all. */
  disconnected({ userId, connectionId }: Session): void {
    const { board, watchers } = this.#deps;
    watchers.drop(connectionId);
    this.#setAttended({ userId, connectionId }, true);
    const person = board.find(userId);
    if (!person || person.here === "gone") return;
    if (this.#hasConnection(userId)) this.#settleActivity(person);
    else if (!this.#leaving.has(person)) this.#startLeaving(person);
  }

  /** `presence_update` */
  async update(session: Session, input: CommandPayload<"presence_update">): Promise<CommandReply<"presence_update">> {
    const { writer, board, clock, topics } = this.#deps;
    const { userId, username } = session;
    const isAway = input.automatic && input.status === "away";
    // Its connection may have gone while the command was on its way: nobody would forget it then.
    if (topics.isAttached(session.connectionId, `user:${userId}`)) this.#setAttended(session, !isAway);
    const known = board.find(userId);
    if (known) this.#settleActivity(known);
    if (input.automatic) return { presence: await this.#ownPresence(session) };
    const choice = await this.#readChoice(input);
    const wasSeen = known !== undefined && statusOf(known) !== "offline";
    const seenAt = choice.status === "offline" && wasSeen ? { seenAt: clock.now() } : {};
    if (known) known.choicesUnderWay++;
    await writer.store({ userId, choice, ...seenAt }).finally(() => {
      if (known) known.choicesUnderWay--;
    });
    const person = board.find(userId);
    if (!person)
      return { presence: ownPresenceOf({ userId, username, choice, activity: "gone", lastSeenAt: undefined }) };
    person.choiceAtMs = clock.monotonicMs();
    this.#choose(person, choice);
    return { presence: await this.#ownPresence(session) };
  }

  /** `watch_presence` */
  async watch(session: Session, userIds: readonly string[]): Promise<CommandReply<"watch_presence">> {
    const { watchers, board, store, clock, topics, announcer } = this.#deps;
    const asked = [...new Set(userIds)];
    const { connectionId, userId } = session;
    // One's own connections are told anyhow. Before anything is read, so that nothing is missed in between.
    if (topics.isAttached(connectionId, `user:${userId}`)) watchers.replace(connectionId, asked);
    const absent = asked.filter((id) => !board.find(id));
    const stored = absent.length > 0 ? await store.readPeople(absent, { withRooms: false }) : [];
    const byId = new Map(stored.map((person) => [person.userId, person]));
    const users = asked.flatMap((id): PresenceShown[] => {
      const person = board.find(id);
      if (person) {
        announcer.answered(person);
        return [lookOf({ ...person, activity: activityOf(person) })];
      }
      const read = byId.get(id);
      return read ? [lookOf({ ...read, choice: choiceAt(read.choice, clock.now()), activity: read.elsewhere })] : [];
    });
    return { users };
  }

  /** Somebody became a member of a room. */
  roomAdded(userId: string, room: Room): void {
    this.#loader.noteMove(userId, room.id, room);
    const { board, announcer, counts } = this.#deps;
    const person = board.find(userId);
    if (!person || !board.enter(person, room)) return;
    const entered = board.findRoom(room.id);
    if (entered && isSmall(entered)) announcer.introduce(person, newPeersOf(person, entered));
    else counts.mark(room.id);
    this.#noteRooms(person);
  }

  /** Somebody is no member of a room any more. */
  roomRemoved(userId: string, roomId: string): void {
    this.#loader.noteMove(userId, roomId, undefined);
    const { board, counts } = this.#deps;
    const person = board.find(userId);
    if (!person) return;
    board.leave(person, roomId);
    counts.mark(roomId);
    this.#noteRooms(person);
  }

  roomResized(roomId: string, memberCount: number): void {
    const { board, announcer, counts } = this.#deps;
    const room = board.findRoom(roomId);
    if (!room) return;
    const wasSmall = isSmall(room);
    board.resize(roomId, memberCount);
    if (wasSmall === isSmall(room)) return;
    // A crowd is told a number, and the few who are left of one see each other from now on.
    if (wasSmall) counts.mark(roomId);
    else for (const person of room.people) announcer.introduce(person, newPeersOf(person, room));
  }

  renamed(userId: string, username: string): void {
    const person = this.#deps.board.find(userId);
    if (person) person.username = username;
  }

  /** Something that another node may have written of somebody; false where it was asked for before they chose here. */
  learn(stored: StoredPerson, askedAtMs: number): boolean {
    const { board, announcer, clock } = this.#deps;
    const known = board.find(stored.userId);
    if (known && askedAtMs <= known.choiceAtMs) return false;
    if (!known && stored.elsewhere === "gone") return true;
    const person = known ?? board.add(stored.userId, stored.username);
    // What this node has seen since may not be stored yet.
    person.lastSeenAt = laterOf(person.lastSeenAt, stored.lastSeenAt);
    person.elsewhere = stored.elsewhere;
    if (person.here === "gone" && stored.elsewhere !== "gone") this.#moveTo(person, stored.rooms);
    this.#choose(person, choiceAt(stored.choice, clock.now()));
    announcer.touch(person);
    return true;
  }

  /** This node was taken for dead: everything it knows alone is written once more. */
  sayAgain(): void {
    for (const { userId, here } of this.#deps.board.people())
      if (here !== "gone") this.#deps.writer.note({ userId, here });
  }

  /** Somebody's going was told: nothing need be known of them any more. */
  forget(person: BoardPerson): void {
    this.#expiring.delete(person);
    this.#deps.board.remove(person);
  }

  close(): void {
    this.#leaving.clear();
    this.#expiring.clear();
  }

  /** False where the person had no connection here before. */
  #joinOthers({ userId, username }: Pick<Session, "userId" | "username">): boolean {
    const person = this.#deps.board.find(userId);
    if (!person || person.here === "gone" || this.#leaving.has(person)) return false;
    person.username = username;
    this.#settleActivity(person);
    return true;
  }

  #arrive(stored: StoredPerson): void {
    const { board, clock } = this.#deps;
    const person = board.add(stored.userId, stored.username);
    person.username = stored.username;
    person.elsewhere = stored.elsewhere;
    person.lastSeenAt = stored.lastSeenAt;
    this.#leaving.delete(person);
    board.setRooms(person, stored.rooms);
    this.#choose(person, choiceAt(stored.choice, clock.now()));
    this.#settleActivity(person);
  }

  #startLeaving(person: BoardPerson): void {
    if (statusOf(person) !== "offline") person.lastSeenAt = this.#deps.clock.now();
    this.#leaving.set(person, limits.presenceGraceMs);
  }

  #settleLeaving(person: BoardPerson): void {
    // Somebody is back, and how they stand is still being read.
    if (this.#hasConnection(person.userId)) this.#leaving.set(person, limits.presenceGraceMs);
    else this.#depart(person);
  }

  #depart(person: BoardPerson): void {
    const { announcer, writer } = this.#deps;
    const { userId, lastSeenAt } = person;
    person.here = "gone";
    this.#unattended.delete(userId);
    writer.note({ userId, here: "gone", ...(lastSeenAt === undefined ? {} : { seenAt: lastSeenAt }) });
    announcer.touch(person);
  }

  /** Whether somebody sits at any connection of a person's; tells and writes it where that is new. */
  #settleActivity(person: BoardPerson): void {
    const { announcer, writer, topics } = this.#deps;
    if (!this.#hasConnection(person.userId)) return;
    const unattended = this.#unattended.get(person.userId)?.size ?? 0;
    const here = unattended > 0 && unattended >= topics.connectionCount(`user:${person.userId}`) ? "away" : "online";
    if (person.here === here) return;
    person.here = here;
    writer.note({ userId: person.userId, here });
    announcer.touch(person);
  }

  #setAttended({ userId, connectionId }: Pick<Session, "userId" | "connectionId">, isAttended: boolean): void {
    const unattended = this.#unattended.get(userId);
    if (!isAttended) this.#unattended.set(userId, (unattended ?? new Set()).add(connectionId));
    else if (unattended?.delete(connectionId) && unattended.size === 0) this.#unattended.delete(userId);
  }

  /** What a person has chosen, or what is left of it when its time has come. */
  #choose(person: BoardPerson, chosen: Choice): void {
    const { announcer, clock, onVisibility } = this.#deps;
    const now = clock.now();
    const choice = choiceAt(chosen, now);
    const wasInvisible = person.choice.status === "offline";
    const isInvisible = choice.status === "offline";
    // Of who comes to be known here as invisible nobody has seen anything: that they are here must not show in this, either.
    if (isInvisible && person.toldStatus !== "offline") person.lastSeenAt = now;
    person.choice = choice;
    if (choice.expiresAt === undefined) this.#expiring.delete(person);
    else this.#expiring.set(person, choice.expiresAt - now);
    if (wasInvisible !== isInvisible) onVisibility(person.userId, isInvisible);
    announcer.touch(person);
  }

  #moveTo(person: BoardPerson, rooms: StoredPerson["rooms"]): void {
    const { board, announcer } = this.#deps;
    const before = new Set(person.rooms.map(({ id }) => id));
    board.setRooms(person, rooms);
    for (const room of person.rooms) {
      if (!before.has(room.id)) announcer.introduce(person, newPeersOf(person, room));
    }
  }

  async #readChoice(input: CommandPayload<"presence_update">): Promise<Choice> {
    const { status, text, expiresAt } = input;
    const until = expiresAt === undefined ? undefined : Date.parse(expiresAt);
    if (until !== undefined && until <= this.#deps.clock.now())
      throw new Refusal("bad_request", "A status clears in the future", {
        issues: [{ path: "expiresAt", message: "in the future" }],
      });
    const emoji = input.emoji === undefined ? undefined : await this.#deps.normaliseEmoji(input.emoji);
    if (status === "online" && text === undefined && emoji === undefined) return noChoice;
    return { status, text, emoji, expiresAt: until };
  }

  async #ownPresence({ userId, username }: Session): Promise<CommandReply<"presence_update">["presence"]> {
    const person = this.#deps.board.find(userId);
    if (person) return ownPresenceOf({ ...person, activity: activityOf(person) });
    const [stored] = await this.#deps.store.readPeople([userId], { withRooms: false });
    const choice = stored ? choiceAt(stored.choice, this.#deps.clock.now()) : noChoice;
    return ownPresenceOf({ userId, username, choice, activity: "gone", lastSeenAt: undefined });
  }

  #noteRooms({ userId, here }: BoardPerson): void {
    const write: PersonWrite = { userId };
    if (this.#deps.hasOtherNodes && here !== "gone") this.#deps.writer.note(write);
  }

  #hasConnection(userId: string): boolean {
    return this.#deps.topics.connectionCount(`user:${userId}`) > 0;
  }
}

function laterOf(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}
