import { type CommandPayload, type CommandReply, Refusal } from "@mirage/protocol";
import { fittingPage } from "../../access/answer-size.ts";
import type { Session } from "../../access/session.ts";
import type { ChatItem } from "../../hot-path/chat-lane/items.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Clock } from "../../ports/clock.ts";
import { documentGroup } from "./document-teller.ts";
import type { NotificationStore } from "./notifications.store.ts";

export interface NotificationsDeps {
  hotPath: HotPath;
  store: NotificationStore;
  clock: Clock;
  epoch: string;
}

/** A person's notifications: reading the list, and what becomes of single ones. */
export class Notifications {
  readonly #deps: NotificationsDeps;

  constructor(deps: NotificationsDeps) {
    this.#deps = deps;
  }

  async list(
    session: Session,
    { cursor, limit, unreadOnly }: CommandPayload<"get_notifications">,
  ): Promise<CommandReply<"get_notifications">> {
    const { store, epoch } = this.#deps;
    const before = decodeCursor(cursor);
    const page = await store.listPage(session.userId, { before, limit: limit + 1, unreadOnly });
    const notifications = fittingPage(page.notifications.slice(0, limit));
    const last = page.notifications.length > notifications.length ? notifications.at(-1) : undefined;
    const nextCursor = last ? encodeCursor(last.seq) : null;
    return { notifications, unreadCount: page.unreadCount, nextCursor, seq: page.head, epoch };
  }

  async markRead(session: Session, notificationId: string): Promise<CommandReply<"mark_notification_read">> {
    return await this.#change(session, { op: "inbox", notificationId, change: "read" });
  }

  async markAllRead(session: Session): Promise<CommandReply<"mark_all_notifications_read">> {
    return await this.#change(session, { op: "read_all" });
  }

  async delete(session: Session, notificationId: string): Promise<CommandReply<"delete_notification">> {
    const { unreadCount } = await this.#change(session, { op: "inbox", notificationId, change: "delete" });
    return { unreadCount };
  }

  /** Reads what was told of a document: the person is looking at it. */
  async markDocumentSeen(session: Session, documentId: string): Promise<CommandReply<"mark_document_seen">> {
    const { ids, unreadCount } = await this.#deps.store.listUnreadOf(session.userId, documentGroup(documentId));
    const reads = ids.map(async (notificationId) => {
      const read = this.#change(session, { op: "inbox", notificationId, change: "read" });
      // What it told of may have been taken back just now.
      return (await read.catch(exceptGone))?.unreadCount ?? unreadCount;
    });
    return { unreadCount: Math.min(unreadCount, ...(await Promise.all(reads))) };
  }

  async #change(
    { userId, connectionId }: Session,
    change: { op: "inbox"; notificationId: string; change: "read" | "delete" } | { op: "read_all" },
  ): Promise<{ readAt: string; unreadCount: number }> {
    const { hotPath, clock } = this.#deps;
    const at = clock.now();
    const item: ChatItem = { ...change, userId, at };
    const outcome = requireOk(await hotPath.submit(async () => item, `${connectionId} notifications`));
    return { readAt: outcome.readAt ?? new Date(at).toISOString(), unreadCount: outcome.unreadCount ?? 0 };
  }
}

function exceptGone(error: unknown): undefined {
  if (!(error instanceof Refusal && error.code === "not_found")) throw error;
}

const cursorPrefix = "before ";

const encodeCursor = (seq: number): string => Buffer.from(`${cursorPrefix}${seq}`).toString("base64url");

function decodeCursor(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const text = Buffer.from(cursor, "base64url").toString();
  const seq = Number(text.slice(cursorPrefix.length));
  if (text.startsWith(cursorPrefix) && Number.isSafeInteger(seq) && seq > 0) return seq;
  throw new Refusal("bad_request", "This cursor is not one that get_notifications gave");
}
