import type { Notification } from "@mirage/protocol";
import type { Failure } from "../lib/error.ts";
import type { ReadonlyStore } from "../lib/store.ts";

/** One's notifications, newest first, as far as they are loaded; one's own changes show at once. */
export interface NotificationsState {
  /** `idle` until somebody asks for them. */
  readonly status: "idle" | "loading" | "ready" | "error";
  readonly notifications: readonly Notification[];
  /** Up to 100, which means 100 or more; what is not loaded counts, too. 0 until it is known. */
  readonly unreadCount: number;
  readonly hasMore: boolean;
  /** Why they could not be loaded; only while `error`. */
  readonly failure?: Failure;
}

/** What can be done with one's notifications. Changes show at once, and only themselves are taken back when refused. */
export interface NotificationsHandle {
  readonly state: ReadonlyStore<NotificationsState>;
  /** Loads the newest ones, once; from then on they are kept true, over any loss of the connection. */
  load(): void;
  /** Loads older ones behind those that are there. @throws RealtimeError */
  loadMore(): Promise<void>;
  /** @throws RealtimeError `not_found`, `timeout`, `disconnected`, `closed`; trying again does no harm. */
  markRead(notificationId: string): Promise<void>;
  /** @throws RealtimeError as `markRead` */
  markAllRead(): Promise<void>;
  /** @throws RealtimeError as `markRead` */
  remove(notificationId: string): Promise<void>;
}
