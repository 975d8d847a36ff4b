import type { ChatItem } from "./items.ts";
import type { Told } from "./notices.ts";

interface StoredRecord {
  id: string;
  userId: string;
  messageId: string;
  messageSeq: number;
  isRead: boolean;
  isDeleted: boolean;
}

/** What people were told of one room's messages, as plainly as can be. For tests. */
export class RecordModel {
  readonly #records = new Map<string, StoredRecord>();

  add({ userId, notificationId: id }: Told, messageId: string, messageSeq: number): void {
    this.#records.set(id, { id, userId, messageId, messageSeq, isRead: false, isDeleted: false });
  }

  isTold(messageId: string): boolean {
    return [...this.#records.values()].some((record) => record.messageId === messageId && !record.isDeleted);
  }

  withdraw(messageId: string, userIds: readonly string[], { isUnreadOnly }: { isUnreadOnly: boolean }): void {
    for (const record of this.#records.values()) {
      const isMeant = record.messageId === messageId && userIds.includes(record.userId);
      if (isMeant && !(isUnreadOnly && record.isRead)) record.isDeleted = true;
    }
  }

  readUpTo(userId: string, messageSeq: number): void {
    for (const record of this.#records.values()) {
      if (record.userId === userId && record.messageSeq <= messageSeq && !record.isDeleted) record.isRead = true;
    }
  }

  /** Answers false where the person has no such record. */
  change({ userId, notificationId, change }: Extract<ChatItem, { op: "inbox" }>): boolean {
    const record = this.#records.get(notificationId);
    if (!record || record.userId !== userId) return false;
    if (change === "delete") record.isDeleted = true;
    else if (record.isDeleted) return false;
    record.isRead ||= change === "read";
    return true;
  }

  list() {
    const records = [...this.#records.values()].map(({ id, isRead, isDeleted }) => ({ id, isRead, isDeleted }));
    return records.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
