/**
 * Tells people of each other, in windows of 250 ms:
 *
 *   touched ─▶ window ends ─▶ is it otherwise than was told? ─▶ each person's audience ─▶ one list a connection
 *
 * What changed and changed back within a window is told to nobody, unless somebody was answered it. What somebody
 * chooses takes a window to be stored, so while they have chosen anew the next window tells of it. Connections that are
 * told the same share one frame, so a room that comes back together costs one list and not one a person.
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

/** Who hears how a person is although that is what was told last. */
interface Waiting {
  /** People who see them from now on and did not before. */
  readonly newcomers: Set<BoardPerson>;
  /** Somebody was answered how they were before that was told: should it be as it had been, all hear so. */
  wasAnswered: boolean;
}

export class Announcer {
  readonly #options: AnnouncerOptions;
  /** Of whom the next window tells, with those who hear of them in any case. */
  #touched = new Map<BoardPerson, Waiting | undefined>();
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
    if (!this.#touched.has(person)) this.#touched.set(person, undefined);
    this.#schedule();
  }

  /** These people see a person from now on whom they did not see before. */
  introduce(person: BoardPerson, peers: Iterable<BoardPerson>): void {
    const { newcomers } = this.#waitingFor(person);
    for (const peer of peers) newcomers.add(peer);
  }

  /** Somebody was answered how a person is right now. Should that change back before it is told, they must hear of it. */
  answered(person: BoardPerson): void {
    // The words of whoever is invisible are not answered: that they change must not show.
    const isShown = statusOf(person) !== "offline" || person.toldStatus !== "offline";
    if (isShown && isOtherwiseThanTold(person)) this.#waitingFor(person).wasAnswered = true;
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#touched.clear();
  }

  /** Those who wait to hear of a person, to add to. */
  #waitingFor(person: BoardPerson): Waiting {
    const waiting = this.#touched.get(person) ?? { newcomers: new Set(), wasAnswered: false };
    this.#touched.set(person, waiting);
    this.#schedule();
    return waiting;
  }

  /** Leaves a person, and all who wait to hear of them, to the next window. */
  #putOff(person: BoardPerson, waiting: Waiting | undefined): void {
    this.touch(person);
    if (!waiting) return;
    this.introduce(person, waiting.newcomers);
    if (waiting.wasAnswered) this.#waitingFor(person).wasAnswered = true;
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
    this.#touched = new Map();
    this.#noOne = Roster.empty;
    const lists = new Map<string, Roster>();
    this.#toldCount = 0;
    for (const [person, waiting] of touched) {
      if (person.choicesUnderWay > 0) {
        this.#putOff(person, waiting);
        continue;
      }
      this.#tellOf(person, waiting, lists);
      if (this.#isTurnOver()) yield;
    }
    yield* this.#sendLists(lists);
  }

  #tellOf(person: BoardPerson, waiting: Waiting | undefined, lists: Map<string, Roster>): void {
    const { audience, onTurned, onGone } = this.#options;
    const wasAnswered = waiting?.wasAnswered ?? false;
    const wasOffline = person.toldStatus === "offline";
    const isOtherwise = isOtherwiseThanTold(person);
    const status = statusOf(person);
    person.toldStatus = status;
    person.toldChoice = person.choice;
    const hasTurned = (status === "offline") !== wasOffline;
    const facts = { ...person, activity: activityOf(person) };
    const look = lookOf(facts);
    if (isOtherwise && (status !== "offline" || hasTurned)) this.#tellAudience(person, { look, hasTurned, lists });
    else {
      const seeing = status === "offline" ? [] : [...(waiting?.newcomers ?? [])];
      const newcomers = seeing.flatMap((peer) => [...audience.connectionsOf(peer)]);
      this.#add(wasAnswered ? audience.of(person) : newcomers, look, lists);
      this.#sendTurn(person, newcomers);
    }
    // Whoever is invisible is told so on their own devices alone.
    const own = status === "offline" ? selfLookOf(facts) : look;
    if (isOtherwise || wasAnswered) this.#add(audience.connectionsOf(person), own, lists);
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
