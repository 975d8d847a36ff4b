import type { Topic } from "../topics.ts";
import type { ChatItem } from "./items.ts";
import type { Due, Notice, Withdrawal } from "./notices.ts";

type Place = (stream: Topic) => number;
/** An item of any lane that tells people something; the others are passed over. */
type TellingItem = { at: number; notices: readonly Notice[] };
type WithdrawingItem = { at: number; withdrawal: Withdrawal };

/** What some items of a batch give, in their order; undefined for nothing. */
function encodeEach<Item extends object>(
  batch: readonly Item[],
  indexes: readonly number[],
  encode: (item: Item, i: number) => object[],
): object[] | undefined {
  const encoded = indexes.flatMap((i) => {
    const item = batch[i];
    return item ? encode(item, i) : [];
  });
  return encoded.length > 0 ? encoded : undefined;
}

/** What people are told of those items of a batch that make one step, as `notify_v1` takes it; undefined for nothing. */
export function encodeNotices(
  batch: readonly object[],
  indexes: readonly number[],
  place: Place,
): object[] | undefined {
  return encodeEach(batch, indexes, (item, i) => {
    if (!isTelling(item)) return [];
    const at = new Date(item.at).toISOString();
    return item.notices.map((notice) => ({ i, at, ...encodeNotice(notice, place) }));
  });
}

const isTelling = (item: object): item is TellingItem => "notices" in item;
const isWithdrawing = (item: object): item is WithdrawingItem => "withdrawal" in item && item.withdrawal !== undefined;

function encodeNotice(notice: Notice, place: Place) {
  const { type, cause, title, content, metadata, groupKey, isUrgent, roomId, messageSeq, isLate } = notice;
  const people = notice.people.map((person) => ({
    u: place(`user:${person.userId}`),
    user: person.userId,
    id: person.notificationId,
    listed: person.isListed,
    alerts: person.alerts,
    heard: person.isHeard,
    due: person.due && encodeDue(person.due),
  }));
  return {
    type,
    cause,
    title,
    content,
    metadata,
    group: groupKey,
    urgent: isUrgent,
    room: roomId,
    seq: messageSeq,
    late: isLate,
    people,
  };
}

function encodeDue(due: Due): Record<string, string> {
  return Object.fromEntries(Object.entries(due).map(([channel, dueMs]) => [channel, new Date(dueMs).toISOString()]));
}

/** What is taken back with them, as `withdraw_v1` takes it; undefined for nothing. */
export function encodeWithdrawals(
  batch: readonly object[],
  indexes: readonly number[],
  place: Place,
): object[] | undefined {
  return encodeEach(batch, indexes, (item, i) => {
    if (!isWithdrawing(item) || item.withdrawal.userIds.length === 0) return [];
    const { cause, type, userIds } = item.withdrawal;
    const people = userIds.map((userId) => ({ u: place(`user:${userId}`), user: userId }));
    return [{ i, cause, type, at: new Date(item.at).toISOString(), people }];
  });
}

/** Work for later that is stored with them; undefined for none. */
export function encodeJobs(batch: readonly ChatItem[], indexes: readonly number[]): object[] | undefined {
  return encodeEach(batch, indexes, (item, i) => {
    if (!("job" in item) || !item.job) return [];
    const { id, roomId, kind, notice, excludedIds } = item.job;
    return [{ i, id, room: roomId, kind, notice, excluded: excludedIds, at: new Date(item.at).toISOString() }];
  });
}

/** Who may have been told of a message, so far as its item knows; undefined: anybody. */
export function knownIds(item: Extract<ChatItem, { op: "edit" | "delete" }>): string[] | undefined {
  const { userIds, keptIds } = item.withdrawal;
  return keptIds && [...userIds, ...keptIds];
}
