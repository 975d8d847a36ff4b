import type { CommandReply, EventPayload, Notification } from "@mirage/protocol";

type Page = CommandReply<"get_notifications">;
type Resumed = CommandReply<"resume">["user"];

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

  /** The newest ones; everything known before is void. */
  takeFirstPage(page: Page): void {
    this.#byId = new Map(page.notifications.map((one) => [one.id, one]));
    this.#readAtSeq = page.seq;
    this.#isLoaded = true;
    this.#takeEnd(page);
  }

  takeOlderPage(page: Page): void {
    for (const one of page.notifications) if (!this.#byId.has(one.id)) this.#byId.set(one.id, one);
    this.#takeEnd(page);
  }

  takeNotification(event: EventPayload<"notification">): void {
    if (this.#isOld(event)) return;
    const { channels: _channels, userSeq: _userSeq, from: _from, unreadCount, ...notification } = event;
    this.unreadCount = unreadCount;
    this.#put(notification);
  }

  takeRead(event: EventPayload<"notification_read">): void {
    if (this.#isOld(event)) return;
    this.unreadCount = event.unreadCount;
    const known = this.#byId.get(event.notificationId);
    if (known) this.#byId.set(known.id, readAt(known, event.readAt));
  }

  takeReadAll(event: EventPayload<"notifications_read_all">): void {
    if (this.#isOld(event)) return;
    this.unreadCount = event.unreadCount;
    for (const [id, known] of this.#byId) {
      if (!known.read && known.seq < event.userSeq) this.#byId.set(id, readAt(known, event.readAt));
    }
  }

  takeDeleted(event: EventPayload<"notification_deleted">): void {
    if (this.#isOld(event)) return;
    this.unreadCount = event.unreadCount;
    this.#byId.delete(event.notificationId);
  }

  /** What changed while one was away. */
  takeResumed({ notifications, deletedNotifications, unreadCount }: Resumed): void {
    for (const one of notifications) this.#put(one);
    for (const id of deletedNotifications) this.#byId.delete(id);
    if (unreadCount !== undefined) this.unreadCount = unreadCount;
  }

  #isOld({ userSeq }: { userSeq: number }): boolean {
    return userSeq <= this.#readAtSeq;
  }

  /** Not what lies in the part that is not loaded: its page will bring it. */
  #put(notification: Notification): void {
    const oldest = Math.min(...[...this.#byId.values()].map(({ seq }) => seq));
    const isBehind = this.#nextCursor !== undefined && notification.seq < oldest;
    if (this.#isLoaded && !isBehind) this.#byId.set(notification.id, notification);
  }

  #takeEnd({ unreadCount, nextCursor }: Page): void {
    this.unreadCount = unreadCount;
    this.#nextCursor = nextCursor ?? undefined;
  }
}

const readAt = (notification: Notification, at: string): Notification => ({ ...notification, read: true, readAt: at });
