import type { CommandInput, CommandName, CommandReply, EventName, EventPayload, Notification } from "@mirage/protocol";
import { backoffMs } from "../connection/backoff.ts";
import type { Requests } from "../connection/requests.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { type Failure, failureOf, type RealtimeError } from "../lib/error.ts";
import { DerivedStore, type ReadonlyStore } from "../lib/store.ts";
import { ChangeLane } from "./change-lane.ts";
import { NotificationList } from "./notification-list.ts";
import type { NotificationsHandle, NotificationsState } from "./notifications-state.ts";

const frameMs = 16;

export interface NotificationsOptions {
  requests: Requests;
  clock: Clock;
  random: () => number;
  /** Applies an event of the person's own stream, unless it is known already. */
  takeUserEvent: (event: UserEvent, apply: () => void) => void;
}

type UserEvent = { userSeq: number; from?: number | undefined; isOtherHalf?: boolean };
type Change = "read" | "delete";

/** Keeps one's notifications true: the server's word, and over it one's own changes that it has not confirmed yet. */
export class Notifications implements NotificationsHandle {
  readonly #options: NotificationsOptions;
  readonly #list = new NotificationList();
  readonly #state: DerivedStore<NotificationsState>;
  readonly #pending = new Map<string, Change>();
  readonly #lane: ChangeLane;
  #pendingReadAll = 0;
  #status: NotificationsState["status"] = "idle";
  #failure: Failure | undefined;
  #failureCount = 0;
  /** The newest page is to be read, as soon as there is a connection. */
  #isWanted = false;
  #isReading = false;
  #retry: Timer | undefined;
  readonly #routes: { [Name in EventName]?: (payload: EventPayload<Name>) => void };

  constructor(options: NotificationsOptions) {
    this.#options = options;
    this.#lane = new ChangeLane(options.clock);
    this.#state = new DerivedStore(() => this.#show(), { clock: options.clock, minIntervalMs: frameMs });
    const list = this.#list;
    this.#routes = {
      notification: (event) => this.#take({ ...event, isOtherHalf: true }, () => list.takeNotification(event)),
      notification_read: (event) => this.#take(event, () => list.takeRead(event)),
      notifications_read_all: (event) => this.#take(event, () => list.takeReadAll(event)),
      notification_deleted: (event) => this.#take(event, () => list.takeDeleted(event)),
      // Positions count, whoever looks at what they stand for.
      preferences_updated: (event) => this.#take(event, () => undefined),
      room_preferences_updated: (event) => this.#take(event, () => undefined),
    };
  }

  get state(): ReadonlyStore<NotificationsState> {
    return this.#state;
  }

  load(): void {
    if (this.#status !== "idle" && this.#status !== "error") return;
    this.#status = "loading";
    this.#isWanted = true;
    this.#state.changed();
    this.#readFirstPage();
  }

  async loadMore(): Promise<void> {
    const cursor = this.#list.nextCursor;
    if (cursor === undefined) return;
    const meanwhile = this.#list.startReading();
    try {
      const page = await this.#ask("get_notifications", { cursor });
      // Another call may have been faster, or everything was read anew meanwhile.
      if (this.#list.nextCursor === cursor) this.#list.takeOlderPage(page, meanwhile);
    } finally {
      this.#list.endReading(meanwhile);
    }
    this.#state.changed();
  }

  markRead(notificationId: string): Promise<void> {
    return this.#change(notificationId, "read");
  }

  remove(notificationId: string): Promise<void> {
    return this.#change(notificationId, "delete");
  }

  async markAllRead(): Promise<void> {
    this.#pendingReadAll += 1;
    this.#state.changed();
    try {
      await this.#ask("mark_all_notifications_read", {});
    } finally {
      this.#pendingReadAll -= 1;
      this.#state.changed();
    }
  }

  /** Applies an event; says nothing where it is not about notifications. */
  take<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    if (Object.hasOwn(this.#routes, name)) this.#routes[name]?.(payload);
  }

  /** One's own part of an answer to `resume`. */
  takeResumed(user: CommandReply<"resume">["user"]): void {
    this.#list.takeResumed(user);
    if (user.reset && this.#list.isLoaded) this.#isWanted = true;
    this.#readFirstPage();
    this.#state.changed();
  }

  /** There is a new connection: what could not be loaded is asked for again. */
  opened(): void {
    this.#readFirstPage();
  }

  close(): void {
    this.#retry?.cancel();
  }

  #take(event: UserEvent, apply: () => void): void {
    this.#options.takeUserEvent(event, () => {
      apply();
      this.#state.changed();
    });
  }

  #readFirstPage(): void {
    if (!this.#isWanted || this.#isReading) return;
    this.#retry?.cancel();
    this.#isReading = true;
    const meanwhile = this.#list.startReading();
    this.#options.requests.call("get_notifications", {}, (outcome) => {
      this.#isReading = false;
      this.#list.endReading(meanwhile);
      if (outcome.ok) {
        this.#failureCount = 0;
        this.#isWanted = false;
        this.#list.takeFirstPage(outcome.reply, meanwhile);
        this.#status = "ready";
        this.#failure = undefined;
      } else this.#takeFailure(outcome.error);
      this.#state.changed();
    });
  }

  #takeFailure(error: RealtimeError): void {
    // The next connection asks again.
    if (error.code === "disconnected" || error.code === "closed") return;
    if (error.retryable) {
      const waitMs = error.retryAfterMs ?? backoffMs(this.#failureCount++, this.#options.random);
      this.#retry = this.#options.clock.after(waitMs, () => this.#readFirstPage());
      return;
    }
    this.#isWanted = false;
    if (this.#list.isLoaded) return;
    this.#status = "error";
    this.#failure = failureOf(error);
  }

  async #change(notificationId: string, change: Change): Promise<void> {
    const earlier = this.#pending.get(notificationId);
    // What is being deleted is not read any more.
    if (earlier !== "delete") this.#pending.set(notificationId, change);
    this.#state.changed();
    try {
      const name = change === "read" ? "mark_notification_read" : "delete_notification";
      await this.#lane.run(() => this.#ask(name, { notificationId }));
    } finally {
      if (this.#pending.get(notificationId) === change) this.#pending.delete(notificationId);
      this.#state.changed();
    }
  }

  #ask<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandReply<Name>> {
    return this.#options.requests.ask(name, input);
  }

  /** The server's list with one's own changes over it. */
  #show(): NotificationsState {
    const known = this.#list.list();
    const shown: Notification[] = [];
    let unreadCount = this.#pendingReadAll > 0 ? 0 : this.#list.unreadCount;
    for (const one of known) {
      const change = this.#pending.get(one.id);
      if (change && !one.read) unreadCount = Math.max(0, unreadCount - 1);
      if (change === "delete") continue;
      shown.push(change === "read" || this.#pendingReadAll > 0 ? { ...one, read: true } : one);
    }
    return {
      status: this.#status,
      notifications: shown,
      unreadCount,
      hasMore: this.#list.nextCursor !== undefined,
      ...(this.#failure ? { failure: this.#failure } : {}),
    };
  }
}
