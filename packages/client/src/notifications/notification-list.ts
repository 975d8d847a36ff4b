import type { CommandReply, EventPayload, Notification } from "@mirage/protocol";

type Page = CommandReply<"get_notifications">;
type Resumed = CommandReply<"resume">["user"];

/** What came while a page was being read, in order. */
export type Meanwhile = { userSeq: number; apply: () => void }[];

/**
 * One's notifications by the server's word: pages, and the events after them. Pure. What is older than the loaded part
 * counts as unread by what the server says, and is not kept.
 */
export class NotificationList {
  unreadCount = 0;
  #byId = new Map<string, Notification>();
  /** Where the first page was read: it knows of all before that. */
  #readAtSeq = 0;
  #nextCursor: string | undefined;
  #isLoaded = false;
  readonly #reads = new Set<Meanwhile>();

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Where older ones go on; undefined where there are none. */
  get nextCursor(): string | undefined {
    return this.#nextCursor;
  }

  /** Newest first. */
  list(): Notification[] {
    return [...this.#byId.values()].sort((a, b) => b.seq - a.seq);
  }

  /** A page is asked for. It may show less than what comes before its answer, so that is applied over it once more. */
  startReading(): Meanwhile {
    const meanwhile: Meanwhile = [];
    this.#reads.add(meanwhile);
    return meanwhile;
  }

  /** The page has come, or will not come. */
  endReading(meanwhile: Meanwhile): void {
    this.#reads.delete(meanwhile);
  }

  /** The newest ones; everything known before is void. */
  takeFirstPage(page: Page, meanwhile: Meanwhile = []): void {
    this.#byId = new Map(page.notifications.map((one) => [one.id, one]));
    this.#readAtSeq = page.seq;
    this.#isLoaded = true;
    this.#takeEnd(page, meanwhile);
  }

  takeOlderPage(page: Page, meanwhile: Meanwhile = []): void {
    for (const one of page.notifications) if (!this.#byId.has(one.id)) this.#byId.set(one.id, one);
    this.#takeEnd(page, meanwhile);
  }

  takeNotification(event: EventPayload<"notification">): void {
    const { channels: _channels, userSeq, from: _from, unreadCount, ...notification } = event;
    this.#take(userSeq, () => {
      this.unreadCount = unreadCount;
      this.#put(notification);
    });
  }

  takeRead({ userSeq, unreadCount, notificationId, readAt }: EventPayload<"notification_read">): void {
    this.#take(userSeq, () => {
      this.unreadCount = unreadCount;
      const known = this.#byId.get(notificationId);
      if (known) this.#byId.set(known.id, asRead(known, readAt));
    });
  }

  takeReadAll({ userSeq, unreadCount, readAt }: EventPayload<"notifications_read_all">): void {
    this.#take(userSeq, () => {
      this.unreadCount = unreadCount;
      for (const [id, known] of this.#byId) {
        if (!known.read && known.seq < userSeq) this.#byId.set(id, asRead(known, readAt));
      }
    });
  }

  takeDeleted({ userSeq, unreadCount, notificationId }: EventPayload<"notification_deleted">): void {
    this.#take(userSeq, () => {
      this.unreadCount = unreadCount;
      this.#byId.delete(notificationId);
    });
  }

  /** What changed while one was away. */
  takeResumed({ seq, notifications, deletedNotifications, unreadCount }: Resumed): void {
    this.#take(seq, () => {
      for (const one of notifications) this.#put(one);
      for (const id of deletedNotifications) this.#byId.delete(id);
      if (unreadCount !== undefined) this.unreadCount = unreadCount;
    });
  }

  /** Not what the first page knew already. */
  #take(userSeq: number, apply: () => void): void {
    if (userSeq <= this.#readAtSeq) return;
    for (const meanwhile of this.#reads) meanwhile.push({ userSeq, apply });
    apply();
  }

  /** Not what lies in the part that is not loaded: its page will bring it. */
  #put(notification: Notification): void {
    const oldest = Math.min(...[...this.#byId.values()].map(({ seq }) => seq));
    const isBehind = this.#nextCursor !== undefined && notification.seq < oldest;
    if (this.#isLoaded && !isBehind) this.#byId.set(notification.id, notification);
  }

  #takeEnd({ seq, unreadCount, nextCursor }: Page, meanwhile: Meanwhile): void {
    this.unreadCount = unreadCount;
    this.#nextCursor = nextCursor ?? undefined;
    for (const { userSeq, apply } of meanwhile) if (userSeq > seq) apply();
  }
}

const asRead = (notification: Notification, readAt: string): Notification => ({ ...notification, read: true, readAt });
