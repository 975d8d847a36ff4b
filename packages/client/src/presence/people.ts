import type { CommandInput, EventName, EventPayload, Member, OwnPresence, Presence } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import type { Requests } from "../connection/requests.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { DerivedStore, type ReadonlyStore } from "../lib/store.ts";
import type { PresenceChoice, PresenceHandle } from "./presence-handle.ts";

const frameMs = 16;
/** A screen that is drawn asks for many people one after the other. */
const gatherMs = 50;
/** Who has left the screen may come back to it: that nobody is watched any more is told late. */
const releaseMs = 5_000;
/** What is known of people who are neither watched nor met again goes, the oldest first. */
const maxKnown = 5_000;

export interface PeopleOptions {
  requests: Requests;
  clock: Clock;
  isOnline: () => boolean;
  userId: () => string | undefined;
}

/** Folds what the server tells of people into what is known of each, and watches those that somebody looks at. */
export class People implements PresenceHandle {
  readonly #options: PeopleOptions;
  readonly #known = new Map<string, Presence>();
  readonly #people: DerivedStore<ReadonlyMap<string, Presence>>;
  /** How many look at each person, those who were looked at last coming last. */
  readonly #watched = new Map<string, number>();
  #told: readonly string[] = [];
  #timer: Timer | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #isAway = false;
  readonly #routes: { [Name in EventName]?: (payload: EventPayload<Name>) => void } = {
    presence_changed: ({ users }) => this.#take(users),
    user_online: ({ userId, username }) => this.#takeTurn({ userId, username, status: "online" }),
    user_offline: ({ userId, username, timestamp }) =>
      this.#takeTurn({ userId, username, status: "offline", lastSeen: timestamp }),
  };

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.#people = new DerivedStore<ReadonlyMap<string, Presence>>(() => new Map(this.#known), {
      clock: options.clock,
      minIntervalMs: frameMs,
    });
  }

  get people(): ReadonlyStore<ReadonlyMap<string, Presence>> {
    return this.#people;
  }

  watch(userIds: readonly string[]): () => void {
    for (const userId of userIds) {
      const count = this.#watched.get(userId) ?? 0;
      this.#watched.delete(userId);
      this.#watched.set(userId, count + 1);
    }
    this.#tellIn(gatherMs);
    let isWatching = true;
    return () => {
      if (!isWatching) return;
      isWatching = false;
      for (const userId of userIds) {
        const count = (this.#watched.get(userId) ?? 0) - 1;
        if (count > 0) this.#watched.set(userId, count);
        else this.#watched.delete(userId);
      }
      this.#tellIn(releaseMs);
    };
  }

  choose(choice: PresenceChoice): Promise<OwnPresence> {
    return this.#update(choice);
  }

  getOwn(): Promise<OwnPresence> {
    return this.#update({ status: "online", automatic: true });
  }

  setAway(isAway: boolean): void {
    if (this.#isAway === isAway) return;
    this.#isAway = isAway;
    if (this.#options.isOnline()) this.#tellAway();
  }

  /** Applies an event; says nothing where it is none about people. */
  take<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    if (Object.hasOwn(this.#routes, name)) this.#routes[name]?.(payload);
  }

  /** A room's page says how its members are as of now. */
  takeMembers(members: readonly Member[]): void {
    this.#take(
      members.flatMap(({ userId, username, status, role }) => {
        const known = this.#known.get(userId);
        if (role === null || known?.status === status) return [];
        return [{ userId, username, status }];
      }),
    );
  }

  /** Nothing is watched on a new connection, and somebody is taken to sit at it. */
  opened(): void {
    this.#told = [];
    this.#tell();
    if (this.#isAway) this.#tellAway();
  }

  close(): void {
    this.#timer?.cancel();
  }

  async #update(input: CommandInput<"presence_update">): Promise<OwnPresence> {
    const { presence } = await this.#options.requests.ask("presence_update", input);
    this.#isAway = false;
    const { expiresAt: _, ...seen } = presence;
    this.#take([seen]);
    return presence;
  }

  #tellAway(): void {
    const status = this.#isAway ? "away" : "online";
    this.#options.requests.call("presence_update", { status, automatic: true }, () => undefined);
  }

  #tellIn(delayMs: number): void {
    const { clock } = this.#options;
    const dueMs = clock.monotonicMs() + delayMs;
    if (dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = clock.after(delayMs, () => this.#tell());
  }

  /** Oneself is always watched: what was chosen on another device is shown on this one. */
  #tell(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    const { requests, isOnline, userId } = this.#options;
    const own = userId();
    const others = [...this.#watched.keys()].filter((id) => id !== own);
    const userIds = [...(own === undefined ? [] : [own]), ...others.slice(1 - limits.watchedUsers)];
    const told = new Set(this.#told);
    if (!isOnline() || (userIds.length === told.size && userIds.every((id) => told.has(id)))) return;
    this.#told = userIds;
    requests.call("watch_presence", { userIds }, (outcome) => {
      if (outcome.ok) this.#take(outcome.reply.users);
      // As on a new connection: the next change of the list, or the next connection, tells it anew.
      else this.#told = [];
    });
  }

  /** An older server tells only of coming and going; a newer one says at once how somebody is. */
  #takeTurn(turned: Presence): void {
    const isHere = turned.status !== "offline";
    const known = this.#known.get(turned.userId);
    if (!known || (known.status !== "offline") !== isHere) this.#take([turned]);
  }

  #take(users: readonly Presence[]): void {
    if (users.length === 0) return;
    for (const user of users) {
      this.#known.delete(user.userId);
      this.#known.set(user.userId, user);
    }
    for (const userId of this.#known.keys()) {
      if (this.#known.size <= maxKnown) break;
      if (!this.#watched.has(userId)) this.#known.delete(userId);
    }
    this.#people.changed();
  }
}
