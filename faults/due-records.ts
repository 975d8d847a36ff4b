/**
 * Of whom a record is due, worked out from what was acknowledged in a room, in order, by the pure rules of the product.
 * It knows nothing of batches, jobs and devices, and that is the point.
 */
import type { RoomLevel, Trigger } from "@mirage/protocol";
import { toPreferences } from "../packages/server/src/access/preferences.ts";
import { decide } from "../packages/server/src/features/notifications/who-is-told.ts";

/** Something that was done in a room. `calls` are names; `isForAll`: somebody who may has called everybody. */
export type Deed =
  | { kind: "post"; by: string; messageId: string; calls: readonly string[]; isForAll: boolean; replyTo?: string }
  | { kind: "edit"; messageId: string; calls: readonly string[]; isForAll: boolean }
  | { kind: "delete"; messageId: string }
  | { kind: "level"; userId: string; level: RoomLevel | null }
  | { kind: "leave"; userId: string }
  | { kind: "enter"; userId: string };

/**
 * `due`: there is one. `free`: it was taken back where it was unread by then, and never comes again. `unseen`: the person
 * was called and does not want to be told.
 */
export interface DueRecord {
  type: Trigger;
  state: "due" | "free" | "unseen";
}

export interface DueMessage {
  author: string;
  isDeleted: boolean;
  isEdited: boolean;
  /** Called by what the message says now. */
  called: ReadonlySet<string>;
  readonly records: Map<string, DueRecord>;
  /** What became of it, for the message of a failure. */
  readonly story: string[];
}

export interface RoomKind {
  isDirect: boolean;
  /** More than 200 people: everybody is told by a job, after those who are named. */
  isCrowd: boolean;
}

export class DueRecords {
  readonly messages = new Map<string, DueMessage>();
  /** How often each person was taken in by somebody else. */
  readonly invites = new Map<string, number>();
  readonly #kind: RoomKind;
  readonly #members: Set<string>;
  readonly #levels = new Map<string, RoomLevel | null>();

  constructor(kind: RoomKind, members: Iterable<string>) {
    this.#kind = kind;
    this.#members = new Set(members);
  }

  take(deed: Deed): void {
    this.#apply(deed);
    if ("messageId" in deed) {
      const { messageId, ...rest } = deed;
      this.#message(messageId).story.push(JSON.stringify(rest));
    }
  }

  #apply(deed: Deed): void {
    if (deed.kind === "level") this.#levels.set(deed.userId, deed.level);
    else if (deed.kind === "leave") this.#members.delete(deed.userId);
    else if (deed.kind === "enter") this.#enter(deed.userId);
    else if (deed.kind === "post") this.#post(deed);
    else if (deed.kind === "edit") this.#edit(deed);
    else this.#message(deed.messageId).isDeleted = true;
  }

  #enter(userId: string): void {
    if (this.#members.has(userId)) return;
    this.#members.add(userId);
    this.invites.set(userId, (this.invites.get(userId) ?? 0) + 1);
  }

  #post({ by, messageId, calls, isForAll, replyTo }: Extract<Deed, { kind: "post" }>): void {
    const called = this.#called(by, { calls, isForAll });
    const replied = replyTo === undefined ? undefined : this.messages.get(replyTo);
    const message = {
      author: by,
      isDeleted: false,
      isEdited: false,
      called,
      records: new Map<string, DueRecord>(),
      story: [],
    };
    this.messages.set(messageId, message);
    for (const userId of this.#members) {
      const isReplied = replied?.author === userId && !replied.isDeleted;
      // In a crowd whoever was replied to was told of that when the job comes to them.
      const isCalledFirst = called.has(userId) && !(this.#kind.isCrowd && isReplied && !calls.includes(userId));
      const triggers: Trigger[] = [
        ...(isCalledFirst ? (["mention"] as const) : []),
        ...(isReplied ? (["reply"] as const) : []),
        ...(this.#kind.isDirect || this.#levels.get(userId) === "all" ? (["message"] as const) : []),
      ];
      if (userId !== by && triggers.length > 0) this.#tell(message, userId, triggers);
    }
  }

  #edit({ messageId, calls, isForAll }: Extract<Deed, { kind: "edit" }>): void {
    const message = this.#message(messageId);
    if (message.isDeleted) return;
    const called = this.#called(message.author, { calls, isForAll });
    for (const [userId, record] of message.records) {
      const isKept = isForAll || called.has(userId);
      if (record.type === "mention" && record.state === "due" && !isKept) record.state = "free";
    }
    for (const userId of called) if (!message.records.has(userId)) this.#tell(message, userId, ["mention"]);
    message.called = isForAll ? new Set([...called, ...message.records.keys()]) : called;
    message.isEdited = true;
  }

  #tell({ records }: DueMessage, userId: string, triggers: readonly Trigger[]): void {
    const { trigger } = decide(
      {
        triggers,
        preferences: toPreferences(undefined),
        room: { ...this.#kind, level: this.#levels.get(userId) ?? null, mutedUntilMs: undefined },
        isDnd: false,
        isUrgent: false,
      },
      { nowMs: 0, takeTurn: () => true, isSetUp: () => true },
    );
    const isCalled = triggers[0] === "mention";
    if (trigger) records.set(userId, { type: isCalled ? "mention" : trigger, state: "due" });
    else if (isCalled) records.set(userId, { type: "mention", state: "unseen" });
  }

  #called(by: string, { calls, isForAll }: { calls: readonly string[]; isForAll: boolean }): Set<string> {
    const names = isForAll ? this.#members : calls;
    return new Set([...names].filter((userId) => userId !== by && this.#members.has(userId)));
  }

  #message(messageId: string): DueMessage {
    const message = this.messages.get(messageId);
    if (!message) throw new Error(`nothing was posted as ${messageId}`);
    return message;
  }
}
