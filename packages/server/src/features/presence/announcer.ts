/**
 * Tells people of each other, in windows of 250 ms:
 *
 *   touched ─▶ window ends ─▶ is it otherwise than was told? ─▶ each person's audience ─▶ one list a connection
 *
 * What changed and changed back within a window is told to nobody. Connections that are told the same share one frame,
 * so a room that comes back together costs one list and not one a person.
 */
import { limits, type Presence } from "@mirage/protocol";
import type { Topics } from "../../hot-path/topics.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { Audience } from "./audience.ts";
import { hasSameWords, lookOf, selfLookOf } from "./presence.policy.ts";
import { activityOf, type BoardPerson, statusOf } from "./presence-board.ts";
import { Roster } from "./roster.ts";

export interface AnnouncerOptions {
  clock: Clock;
  topics: Topics;
  audience: Audience;
  /** Somebody is here now and was not, or the other way round. */
  onTurned: (person: BoardPerson) => void;
  /** Somebody's going was told: nothing need be known of them any more. */
  onGone: (person: BoardPerson) => void;
  onSent?: (event: "presence_changed" | "user_online" | "user_offline", receiverCount: number) => void;
}

/** Connections that are told of somebody in one turn of the event loop: a few milliseconds. */
const toldPerTurn = 2_000;

export class Announcer {
  readonly #options: AnnouncerOptions;
  #touched = new Set<BoardPerson>();
  /** Who became a member of a room, and the people in it who have not seen them before. */
  #introduced = new Map<BoardPerson, Set<BoardPerson>>();
  /** Connections that were answered how somebody is before that was told: should it change back, they must hear of it. */
  #answered = new Map<BoardPerson, Set<string>>();
  #holdsUntilMs = Number.NEGATIVE_INFINITY;
  /** Where every list begins. */
  #noOne = Roster.empty;
  #toldCount = 0;
  #timer: Timer | undefined;
  #isTelling = false;
  #isClosed = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Tells nothing for so long: after a restart most people come back within it, and are told of all together. */
  holdBack(forMs: number): void {
    this.#holdsUntilMs = this.#options.clock.monotonicMs() + forMs;
  }

  /** Something about a person may look otherwise. */
  touch(person: BoardPerson): void {
    this.#touched.add(person);
    this.#schedule();
  }

  /** These people see a person from now on whom they did not see before. */
  introduce(person: BoardPerson, peers: Iterable<BoardPerson>): void {
    const known = this.#introduced.get(person) ?? new Set();
    this.#introduced.set(person, known);
    for (const peer of peers) known.add(peer);
    this.touch(person);
  }

  /** A connection was answered how a person is right now. */
  answered(person: BoardPerson, connectionId: string): void {
    if (!isOtherwiseThanTold(person)) return;
    const connections = this.#answered.get(person) ?? new Set();
    this.#answered.set(person, connections.add(connectionId));
    this.touch(person);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#answered.clear();
    this.#touched.clear();
    this.#introduced.clear();
  }

  #schedule(): void {
    if (this.#timer || this.#isTelling || this.#isClosed || this.#touched.size === 0) return;
    const { clock } = this.#options;
    const delayMs = Math.max(limits.presenceWindowMs, this.#holdsUntilMs - clock.monotonicMs());
    this.#timer = clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#isTelling = true;
      this.#continue(this.#tell());
    });
  }

  /** Goes on until the turn has had enough; the rest comes in the next one. */
  #continue(work: Iterator<void>): void {
    if (!work.next().done) {
      setImmediate(() => this.#continue(work));
      return;
    }
    this.#isTelling = false;
    this.#schedule();
  }

  #isTurnOver(): boolean {
    if (this.#toldCount < toldPerTurn) return false;
    this.#toldCount = 0;
    return true;
  }

  /** Yields wherever the event loop should come to everything else. */
  *#tell(): Iterator<void> {
    const touched = this.#touched;
    const introduced = this.#introduced;
    const answered = this.#answered;
    this.#touched = new Set();
    this.#introduced = new Map();
    this.#answered = new Map();
    this.#noOne = Roster.empty;
    const lists = new Map<string, Roster>();
    this.#toldCount = 0;
    for (const person of touched) {
      if (!isOtherwiseThanTold(person)) this.#add(answered.get(person) ?? [], lookNow(person), lists);
      this.#tellOf(person, introduced.get(person) ?? [], lists);
      if (this.#isTurnOver()) yield;
    }
    yield* this.#sendLists(lists);
  }

  #tellOf(person: BoardPerson, peers: Iterable<BoardPerson>, lists: Map<string, Roster>): void {
    const { audience, onTurned, onGone } = this.#options;
    const before = { status: person.toldStatus, choice: person.toldChoice };
    const isOtherwise = isOtherwiseThanTold(person);
    const status = statusOf(person);
    person.toldStatus = status;
    person.toldChoice = person.choice;
    const hasTurned = (status === "offline") !== (before.status === "offline");
    const facts = { ...person, activity: activityOf(person) };
    const look = lookOf(facts);
    if (isOtherwise && (status !== "offline" || hasTurned)) this.#tellAudience(person, { look, hasTurned, lists });
    else if (status !== "offline") {
      const connections = [...peers].flatMap((peer) => [...audience.connectionsOf(peer)]);
      this.#add(connections, look, lists);
      this.#sendTurn(person, connections);
    }
    // Whoever is invisible is told so on their own devices alone.
    const own = status === "offline" ? selfLookOf(facts) : look;
    if (isOtherwise) this.#add(audience.connectionsOf(person), own, lists);
    if (hasTurned) onTurned(person);
    if (facts.activity === "gone") onGone(person);
  }

  #tellAudience(
    person: BoardPerson,
    { look, hasTurned, lists }: { look: Presence; hasTurned: boolean; lists: Map<string, Roster> },
  ): void {
    const connections = [...this.#options.audience.of(person)];
    this.#add(connections, look, lists);
    if (hasTurned) this.#sendTurn(person, connections);
  }

  #add(connections: Iterable<string>, look: Presence, lists: Map<string, Roster>): void {
    this.#toldCount++;
    for (const connectionId of connections) {
      lists.set(connectionId, (lists.get(connectionId) ?? this.#noOne).append(look));
      this.#toldCount++;
    }
  }

  #sendTurn({ userId, username, toldStatus }: BoardPerson, connections: readonly string[]): void {
    if (connections.length === 0) return;
    const event = toldStatus === "offline" ? "user_offline" : "user_online";
    const timestamp = new Date(this.#options.clock.now()).toISOString();
    this.#options.topics.sendAll(connections, event, { userId, username, timestamp });
    this.#options.onSent?.(event, connections.length);
  }

  *#sendLists(lists: Map<string, Roster>): Iterable<void> {
    const receivers = Map.groupBy(lists.keys(), (connectionId) => lists.get(connectionId));
    for (const [roster, connectionIds] of receivers) {
      if (roster === undefined || this.#isClosed) continue;
      this.#options.topics.sendAll(connectionIds, "presence_changed", { users: roster.list() });
      this.#options.onSent?.("presence_changed", connectionIds.length);
      this.#toldCount += connectionIds.length;
      if (this.#isTurnOver()) yield;
    }
  }
}

function isOtherwiseThanTold(person: BoardPerson): boolean {
  return statusOf(person) !== person.toldStatus || !hasSameWords(person.toldChoice, person.choice);
}

const lookNow = (person: BoardPerson): Presence => lookOf({ ...person, activity: activityOf(person) });
