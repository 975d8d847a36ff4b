import { type Channel, limits, type Room, type Trigger } from "@mirage/protocol";
import { toPreferences } from "../../access/preferences.ts";
import type {
  InviteCause,
  MessageCause,
  ReactionCause,
  Telling,
  Tidings,
  WithdrawalCause,
} from "../../access/telling.ts";
import {
  type Due,
  messageCause,
  type Notice,
  type RoomJob,
  type Told,
  type Withdrawal,
} from "../../hot-path/chat-lane/notices.ts";
import { WindowCounter } from "../../lib/window-counter.ts";
import type { Clock } from "../../ports/clock.ts";
import type { KeywordBook } from "./keyword-book.ts";
import { likeCause, likeOf, noticeOf } from "./message-notices.ts";
import { type Audience, maxListedTold, type NotificationStore, type RecipientRow } from "./notifications.store.ts";
import {
  alertsOf,
  type Concern,
  type Decision,
  decide,
  type Moment,
  type Recipient,
  undecided,
} from "./who-is-told.ts";

export interface TellerDeps {
  store: NotificationStore;
  keywords: KeywordBook;
  clock: Clock;
  createId: () => string;
  /** Off: people hear that they were called by name, and nothing is kept for them. */
  isEnabled: boolean;
  /** Notifications of one person and minute that may be loud; 0 switches the limit off. */
  notificationsPerMinute: number;
  /** Whether somebody's presence says that they are not to be disturbed. */
  isDnd: (userId: string) => boolean;
  /** Channels that this server can serve. */
  channels: ReadonlySet<Channel>;
  /** How long something may stay unread before it is mailed. */
  mailDelayMs: number;
}

/** What a cause in a room says of that room. */
export type RoomFacts = Pick<NonNullable<Recipient["room"]>, "isDirect" | "isCrowd">;

/** Makes of a cause what each person is told of it. */
export class Teller implements Telling {
  readonly #deps: TellerDeps;
  readonly #loud: WindowCounter | undefined;

  constructor(deps: TellerDeps) {
    this.#deps = deps;
    const points = deps.notificationsPerMinute;
    this.#loud = points > 0 ? new WindowCounter({ points, windowMs: 60_000 }) : undefined;
  }

  async ofMessage(cause: MessageCause): Promise<Tidings> {
    const { callsCrowd, replyTo, edited, access, content } = cause;
    const calledIds = calledAnew(cause);
    const others = edited ? "none" : othersOf(access.room, access.isFollowed);
    // Like a mention that an edit leaves, a word that it leaves is no news.
    const listeningIds = edited ? [] : await this.listening(content);
    const concernsMany = others !== "none" || callsCrowd || listeningIds.length > 0;
    if (calledIds.length === 0 && replyTo === undefined && !concernsMany) return nothing;
    const audience = { listeningIds, others };
    const notices = this.#deps.isEnabled ? await this.#noticesOf(cause, audience) : this.#callsOf(cause);
    return callsCrowd ? { notices, job: this.#tellingJob(cause) } : { notices };
  }

  async listening(content: string): Promise<readonly string[]> {
    return this.#deps.isEnabled ? (await this.#deps.keywords.find(content)).slice(0, maxListening) : [];
  }

  async #noticesOf(cause: MessageCause, more: Pick<Audience, "listeningIds" | "others">): Promise<Notice[]> {
    const { access, edited } = cause;
    const calledIds = calledAnew(cause);
    const { room, userId: authorId } = access;
    const replyTo = edited ? undefined : cause.replyTo;
    const called = new Set(calledIds);
    const told: { kind: Concern; person: Told }[] = [];
    for (const row of await this.#deps.store.listAudience({ roomId: room.id, authorId, calledIds, replyTo, ...more })) {
      const decision = this.decideFor(row, { room: roomFacts(room), isUrgent: false });
      const concern = decision.isByKeyword ? "keyword" : decision.trigger;
      const kind = called.has(row.userId) ? "mention" : concern;
      if (kind) told.push({ kind, person: this.toTold(row.userId, decision) });
    }
    const byKind = Map.groupBy(told, ({ kind }) => kind);
    return [...byKind].map(([kind, all]) => ({ ...noticeOf(cause, kind), people: all.map(({ person }) => person) }));
  }

  /** With notifications off: people hear that they were called, and keep no record. */
  #callsOf(cause: MessageCause): Notice[] {
    const people = calledAnew(cause).map((userId) => this.toTold(userId, undecided(["feature_off"])));
    return people.length > 0 ? [{ ...noticeOf(cause, "mention"), people }] : [];
  }

  #tellingJob(cause: MessageCause): RoomJob {
    const { access, calledIds } = cause;
    const excludedIds = [access.userId, ...calledIds];
    // What an edit says is news to whoever has read the message before.
    const isLate = cause.edited === undefined;
    const notice = { ...noticeOf(cause, "mention"), isLate, trigger: "mention" as const };
    return { id: this.#deps.createId(), kind: "tell", roomId: access.room.id, notice, excludedIds };
  }

  async ofReaction(cause: ReactionCause): Promise<{ notices: readonly Notice[]; withdrawal?: Withdrawal }> {
    const { access, message, emoji, on } = cause;
    const { userId, room } = access;
    const authorId = message.userId;
    if (!this.#deps.isEnabled || authorId === userId) return { notices: [] };
    const told = likeCause(message.id, userId);
    if (!on) {
      const hasOther = message.reactions.some((one) => one.emoji !== emoji && one.users.includes(userId));
      return { notices: [], ...(hasOther ? {} : { withdrawal: { cause: told, type: "like", userIds: [authorId] } }) };
    }
    const people = await this.#listTold([authorId], "like", room);
    return { notices: people.length > 0 ? [{ ...likeOf(cause), cause: told, people }] : [] };
  }

  async ofInvite({ roomId, roomName, isDirect, inviter, userIds }: InviteCause): Promise<readonly Notice[]> {
    const others = userIds.filter((userId) => userId !== inviter.userId);
    if (!this.#deps.isEnabled || others.length === 0) return [];
    const { username, userId } = inviter;
    const people = await this.#listTold(others, "invite");
    if (people.length === 0) return [];
    return [
      {
        type: "invite",
        // Whoever leaves and is taken in again is told again.
        cause: `invite:${roomId}:${this.#deps.createId()}`,
        title: isDirect ? `${username} began a conversation with you` : `${username} added you to ${roomName}`,
        content: "",
        metadata: { roomId, invitedBy: username, invitedById: userId },
        groupKey: `room:${roomId}`,
        roomId,
        messageSeq: 0,
        people,
      },
    ];
  }

  withdrawing(): (cause: WithdrawalCause) => Promise<{ withdrawal: Withdrawal; job?: RoomJob }> {
    let isGuess = true;
    return async ({ access, message, keptIds, type }) => {
      const cause = messageCause(message.id);
      if (keptIds === undefined) return { withdrawal: { cause, type, userIds: [] } };
      const later = this.#withdrawLater(access.room.id, { cause, type, keptIds });
      if (message.mentions?.everyone && access.room.memberCount > limits.crowdMembers) return later;
      // Reactions may come until the very commit of a deletion: what they told is looked for behind it.
      const rest = type === undefined && this.#deps.isEnabled ? { job: later.job } : {};
      if (isGuess) {
        isGuess = false;
        const userIds = (message.mentions?.users ?? []).filter((userId) => !keptIds.includes(userId));
        return { withdrawal: { cause, type, userIds, keptIds }, ...rest };
      }
      const told = await this.#deps.store.listTold(cause);
      if (told.length > maxListedTold) return later;
      const userIds = told.filter((userId) => !keptIds.includes(userId));
      return { withdrawal: { cause, type, userIds, keptIds }, ...rest };
    };
  }

  /** Behind whatever is still telling them: from too many for one commit, and what reactions to a deleted message told. */
  #withdrawLater(
    roomId: string,
    { cause, type, keptIds }: { cause: string; type: string | undefined; keptIds: readonly string[] },
  ): { withdrawal: Withdrawal; job: RoomJob } {
    const job = {
      id: this.#deps.createId(),
      roomId,
      excludedIds: keptIds,
      kind: "withdraw",
      notice: { cause, type },
    } as const;
    return { withdrawal: { cause, type, userIds: [], keptIds: undefined }, job };
  }

  /** Decides for one person, now. */
  decideFor(row: RecipientRow, of: { room?: RoomFacts; isUrgent: boolean; isTrial?: boolean }): Decision {
    const { clock, isDnd, channels } = this.#deps;
    const { userId, triggers, overrides, level, mutedUntil } = row;
    const recipient: Recipient = {
      triggers,
      preferences: toPreferences(overrides),
      isDnd: isDnd(userId),
      isUrgent: of.isUrgent,
      ...(of.room ? { room: { ...of.room, level, mutedUntilMs: mutedUntil?.getTime() } } : {}),
    };
    const moment: Moment = {
      nowMs: clock.now(),
      takeTurn: () =>
        of.isTrial === true || this.#loud === undefined || this.#loud.take(userId, clock.monotonicMs()) === 0,
      isSetUp: (channel) =>
        channels.has(channel) && (channel !== "push" || row.hasPush) && (channel !== "email" || row.hasEmail),
    };
    return decide(recipient, moment);
  }

  /** Those of these people who are to be told, all by one trigger. */
  async #listTold(userIds: readonly string[], trigger: Trigger, room?: Room): Promise<Told[]> {
    const rows = await this.#deps.store.listRecipients(userIds, trigger, room?.id);
    return rows.flatMap((row) => {
      const decision = this.decideFor(row, { isUrgent: false, ...(room ? { room: roomFacts(room) } : {}) });
      return decision.trigger ? [this.toTold(row.userId, decision)] : [];
    });
  }

  toTold(userId: string, decision: Decision): Told {
    const isListed = decision.trigger !== undefined;
    return {
      userId,
      notificationId: this.#deps.createId(),
      isListed,
      alerts: alertsOf(decision),
      due: this.#dueOf(decision),
    };
  }

  /** A push at once; a mail once there was time to read it in the app, or at once where it is urgent. */
  #dueOf({ trigger, channels }: Decision): Due | undefined {
    if (trigger === undefined) return undefined;
    const { clock, mailDelayMs } = this.#deps;
    const now = clock.now();
    const due: Due = {};
    for (const { channel, isDue, reasons } of channels) {
      if (isDue && channel === "push") due.push = now;
      if (isDue && channel === "email") due.email = reasons.includes("urgent") ? now : now + mailDelayMs;
    }
    return Object.keys(due).length > 0 ? due : undefined;
  }
}

const nothing: Tidings = { notices: [] };
/** Of people who listen for one word on the whole instance no more are looked for in a room. */
const maxListening = 10_000;

/** Whom it called before an edit knows of it, also where the record of that was let go long ago. */
function calledAnew({ calledIds, edited }: MessageCause): readonly string[] {
  const known = new Set(edited?.mentions?.users);
  return known.size === 0 ? calledIds : calledIds.filter((userId) => !known.has(userId));
}

export function roomFacts(room: Room): RoomFacts {
  return { isDirect: room.type === "direct", isCrowd: room.memberCount > limits.crowdMembers };
}

function othersOf(room: Room, isFollowed: boolean): Audience["others"] {
  if (room.type === "direct") return "members";
  return isFollowed && room.memberCount <= limits.crowdMembers ? "followers" : "none";
}
