import { type Channel, limits, type Room, type Trigger } from "@mirage/protocol";
import { toPreferences } from "../../access/preferences.ts";
import type { InviteCause, MessageCause, Telling, Tidings, WithdrawalCause } from "../../access/telling.ts";
import {
  messageCause,
  type Notice,
  type RoomJob,
  type Told,
  type Withdrawal,
} from "../../hot-path/chat-lane/notices.ts";
import { WindowCounter } from "../../lib/window-counter.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Audience, maxListedTold, type NotificationStore, type RecipientRow } from "./notifications.store.ts";
import { alertsOf, type Decision, decide, type Moment, type Recipient, undecided } from "./who-is-told.ts";

export interface TellerDeps {
  store: NotificationStore;
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
}

/** What a cause in a room says of that room. */
export type RoomFacts = Pick<NonNullable<Recipient["room"]>, "isDirect" | "isCrowd">;

type Texts = Pick<Notice, "title" | "content" | "metadata">;

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
    const { calledIds, callsCrowd, replyTo, edited, access } = cause;
    const others = edited ? "none" : othersOf(access.room, access.isFollowed);
    if (calledIds.length === 0 && replyTo === undefined && others === "none" && !callsCrowd) return nothing;
    const notices = this.#deps.isEnabled ? await this.#noticesOf(cause, others) : this.#callsOf(cause);
    return callsCrowd ? { notices, job: this.#tellingJob(cause) } : { notices };
  }

  async #noticesOf(cause: MessageCause, others: Audience["others"]): Promise<Notice[]> {
    const { access, calledIds, edited } = cause;
    const { room, userId: authorId } = access;
    const replyTo = edited ? undefined : cause.replyTo;
    const called = new Set(calledIds);
    const told: { kind: Trigger; person: Told }[] = [];
    for (const row of await this.#deps.store.listAudience({ roomId: room.id, authorId, calledIds, replyTo, others })) {
      const decision = this.decideFor(row, { room: roomFacts(room), isUrgent: false });
      const kind = called.has(row.userId) ? "mention" : decision.trigger;
      if (kind) told.push({ kind, person: this.toTold(row.userId, decision) });
    }
    const byKind = Map.groupBy(told, ({ kind }) => kind);
    return [...byKind].map(([kind, all]) => ({ ...noticeOf(cause, kind), people: all.map(({ person }) => person) }));
  }

  /** With notifications off: people hear that they were called, and keep no record. */
  #callsOf(cause: MessageCause): Notice[] {
    const people = cause.calledIds.map((userId) => this.toTold(userId, undecided(["feature_off"])));
    return people.length > 0 ? [{ ...noticeOf(cause, "mention"), people }] : [];
  }

  #tellingJob(cause: MessageCause): RoomJob {
    const { access, calledIds } = cause;
    const excludedIds = [access.userId, ...calledIds];
    const notice = { ...noticeOf(cause, "mention"), trigger: "mention" as const };
    return { id: this.#deps.createId(), kind: "tell", roomId: access.room.id, notice, excludedIds };
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
      if (message.mentions?.everyone && keptIds && access.room.memberCount > limits.crowdMembers) {
        return this.#withdrawLater(access.room.id, { cause, type, keptIds });
      }
      if (isGuess) {
        isGuess = false;
        const userIds = (message.mentions?.users ?? []).filter((userId) => !keptIds?.includes(userId));
        return { withdrawal: { cause, type, userIds, keptIds } };
      }
      const told = await this.#deps.store.listTold(message.id);
      if (told.length > maxListedTold)
        return this.#withdrawLater(access.room.id, { cause, type, keptIds: keptIds ?? [] });
      return { withdrawal: { cause, type, userIds: told.filter((userId) => !keptIds?.includes(userId)), keptIds } };
    };
  }

  /** From too many for one commit: behind whatever is still telling them. */
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
      isSetUp: (channel) => channels.has(channel),
    };
    return decide(recipient, moment);
  }

  /** Those of these people who are to be told, all by one trigger. */
  async #listTold(userIds: readonly string[], trigger: Trigger): Promise<Told[]> {
    const rows = await this.#deps.store.listRecipients(userIds, trigger);
    return rows.flatMap((row) => {
      const decision = this.decideFor(row, { isUrgent: false });
      return decision.trigger ? [this.toTold(row.userId, decision)] : [];
    });
  }

  toTold(userId: string, decision: Decision): Told {
    const isListed = decision.trigger !== undefined;
    return { userId, notificationId: this.#deps.createId(), isListed, alerts: alertsOf(decision) };
  }
}

const nothing: Tidings = { notices: [] };

function noticeOf(cause: MessageCause, kind: Trigger): Omit<Notice, "people"> {
  const { access, messageId, edited } = cause;
  const roomId = access.room.id;
  return {
    type: kind,
    cause: messageCause(messageId),
    ...textsOf(cause, kind),
    groupKey: `room:${roomId}`,
    roomId,
    ...(edited ? { messageSeq: edited.seq } : {}),
  };
}

export function roomFacts(room: Room): RoomFacts {
  return { isDirect: room.type === "direct", isCrowd: room.memberCount > limits.crowdMembers };
}

function othersOf(room: Room, isFollowed: boolean): Audience["others"] {
  if (room.type === "direct") return "members";
  return isFollowed && room.memberCount <= limits.crowdMembers ? "followers" : "none";
}

function textsOf({ access, authorName, messageId, content, replyTo }: MessageCause, kind: Trigger): Texts {
  const { room, userId } = access;
  const at = { roomId: room.id, messageId };
  const excerpt = [...content].slice(0, limits.mentionExcerptCodePoints).join("");
  if (kind === "mention") {
    const metadata = { ...at, mentionedBy: authorName, mentionedById: userId };
    return { title: `${authorName} mentioned you in ${room.name}`, content: excerpt, metadata };
  }
  const metadata = { ...at, userId, username: authorName, ...(kind === "reply" ? { replyTo } : {}) };
  const place = room.type === "direct" ? "" : ` in ${room.name}`;
  return { title: `${authorName}${kind === "reply" ? " replied to you" : ""}${place}`, content: excerpt, metadata };
}
