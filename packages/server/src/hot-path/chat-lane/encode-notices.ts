import type { Topic } from "../topics.ts";
import type { ChatItem } from "./items.ts";
import type { Notice } from "./notices.ts";

type Place = (stream: Topic) => number;

/** What people are told of those items of a batch that make one step, as `notify_v1` takes it; undefined for nothing. */
export function encodeNotices(
  batch: readonly ChatItem[],
  indexes: readonly number[],
  place: Place,
): object[] | undefined {
  const encoded: object[] = [];
  for (const i of indexes) {
    const item = batch[i];
    if (!item || !("notices" in item)) continue;
    for (const notice of item.notices) {
      encoded.push({ i, at: new Date(item.at).toISOString(), ...encodeNotice(notice, place) });
    }
  }
  return encoded.length > 0 ? encoded : undefined;
}

function encodeNotice(notice: Notice, place: Place) {
  const { type, cause, title, content, metadata, groupKey, isUrgent, roomId, messageSeq } = notice;
  const people = notice.people.map((person) => ({
    u: place(`user:${person.userId}`),
    user: person.userId,
    id: person.notificationId,
    listed: person.isListed,
    alerts: person.alerts,
    heard: person.isHeard,
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
    people,
  };
}

/** What is taken back with them, as `withdraw_v1` takes it; undefined for nothing. */
export function encodeWithdrawals(
  batch: readonly ChatItem[],
  indexes: readonly number[],
  place: Place,
): object[] | undefined {
  const encoded: object[] = [];
  for (const i of indexes) {
    const item = batch[i];
    if (!item || !("withdrawal" in item) || !item.withdrawal?.userIds.length) continue;
    const { cause, type, userIds } = item.withdrawal;
    const people = userIds.map((userId) => ({ u: place(`user:${userId}`), user: userId }));
    encoded.push({ i, cause, type, at: new Date(item.at).toISOString(), people });
  }
  return encoded.length > 0 ? encoded : undefined;
}

/** Work for later that is stored with them; undefined for none. */
export function encodeJobs(batch: readonly ChatItem[], indexes: readonly number[]): object[] | undefined {
  const encoded: object[] = [];
  for (const i of indexes) {
    const item = batch[i];
    if (!item || !("job" in item) || !item.job) continue;
    const { id, roomId, kind, notice, excludedIds } = item.job;
    encoded.push({ i, id, room: roomId, kind, notice, excluded: excludedIds, at: new Date(item.at).toISOString() });
  }
  return encoded.length > 0 ? encoded : undefined;
}

/** Who may have been told of a message, so far as its item knows; undefined: anybody. */
export function knownIds(item: Extract<ChatItem, { op: "edit" | "delete" }>): string[] | undefined {
  const { userIds, keptIds } = item.withdrawal;
  return keptIds && [...userIds, ...keptIds];
}
