import type { Database } from "../packages/server/src/database/database.ts";
import { openDatabase } from "../packages/server/src/database/open-database.ts";
import type { DueMessage } from "./due-records.ts";
import type { InboxPerson } from "./inbox-person.ts";
import type { InboxRoom } from "./inbox-room.ts";
import type { Storage } from "./judge.ts";

interface StoredRecord {
  id: string;
  userId: string;
  messageId: string;
  type: string;
  content: string;
  isListed: boolean;
  isRead: boolean;
  isDeleted: boolean;
  /** The person has read the room past the message. */
  isPassed: boolean;
}

export interface InboxJudgement {
  faults: string[];
  recordCount: number;
}

/** Compares the records of all rooms with those that are due. The embedded database must be free. */
export async function judgeInbox(
  storage: Storage,
  at: { rooms: readonly InboxRoom[]; people: readonly InboxPerson[] },
): Promise<InboxJudgement> {
  const database = await openDatabase(storage);
  try {
    const dismissed = new Set(at.people.flatMap((person) => [...person.dismissed]));
    const faults: string[] = [];
    let recordCount = 0;
    for (const room of at.rooms) {
      const records = await readRecords(database, room.roomId);
      recordCount += records.length;
      faults.push(...judgeRoom(room, records, dismissed), ...(await judgeInvites(database, room)));
    }
    return { faults, recordCount };
  } finally {
    await database.close();
  }
}

function judgeRoom(room: InboxRoom, records: readonly StoredRecord[], dismissed: ReadonlySet<string>): string[] {
  const byMessage = Map.groupBy(records, ({ messageId }) => messageId);
  const faults = [...byMessage.keys()].filter((id) => !room.due.messages.has(id)).map((id) => `nobody posted ${id}`);
  for (const [messageId, message] of room.due.messages) {
    const own = byMessage.get(messageId) ?? [];
    const byPerson = Map.groupBy(own, ({ userId }) => userId);
    for (const [userId, all] of byPerson) {
      if (all.length > 1) faults.push(`${userId} has ${all.length} records of ${messageId}`);
    }
    for (const record of own) {
      const fault = faultOf(record, message);
      if (fault) faults.push(`${record.userId} ${fault}: ${describe(messageId, message)}`);
    }
    faults.push(...missing(message, byPerson, dismissed).map((what) => `${what}: ${describe(messageId, message)}`));
  }
  return faults;
}

const describe = (messageId: string, { story }: DueMessage): string => `${messageId} ${story.join(" ")}`;

/** Why a record should not be as it is. */
function faultOf(record: StoredRecord, message: DueMessage): string | undefined {
  const { userId, type, isListed, isRead, isDeleted, isPassed, content } = record;
  if (message.isDeleted && content !== "") return "keeps the text of a deleted message";
  if (!isListed || isDeleted) return undefined;
  if (message.isDeleted) return "keeps a record of a deleted message";
  const due = message.records.get(userId);
  if (!due || due.state === "unseen") return `was told (${type}), and should not have been`;
  if (due.type !== type) return `was told by ${type} and not by ${due.type}`;
  if (due.state === "free" && !isRead && !message.called.has(userId))
    return "keeps an unread mention that was taken back";
  return !isRead && isPassed && !message.isEdited ? "has read the room past an unread record" : undefined;
}

function missing(
  message: DueMessage,
  byPerson: ReadonlyMap<string, readonly StoredRecord[]>,
  dismissed: ReadonlySet<string>,
): string[] {
  if (message.isDeleted) return [];
  const due = [...message.records].filter(([, { state }]) => state === "due");
  return due.flatMap(([userId, { type }]) => {
    const record = byPerson.get(userId)?.find(({ isListed }) => isListed);
    if (!record) return [`${userId} was not told (${type})`];
    return record.isDeleted && !dismissed.has(record.id) ? [`${userId} lost a record (${type})`] : [];
  });
}

async function judgeInvites(database: Database, { roomId, due }: InboxRoom): Promise<string[]> {
  const rows = await database.query<{ userId: string; count: number }>(
    `SELECT user_id AS "userId", count(*)::int AS count FROM notifications
     WHERE room_id = $1 AND type = 'invite' GROUP BY user_id`,
    [roomId],
  );
  const counts = new Map(rows.map(({ userId, count }) => [userId, count]));
  const all = new Set([...counts.keys(), ...due.invites.keys()]);
  return [...all]
    .filter((userId) => (counts.get(userId) ?? 0) !== (due.invites.get(userId) ?? 0))
    .map((userId) => `${userId} was told of ${counts.get(userId) ?? 0} invitations and had ${due.invites.get(userId)}`);
}

async function readRecords(database: Database, roomId: string): Promise<StoredRecord[]> {
  return await database.query(
    `SELECT n.id, n.user_id AS "userId", substr(n.cause, 9) AS "messageId", n.type, n.content,
       n.is_listed AS "isListed", n.read_at IS NOT NULL AS "isRead", n.deleted_at IS NOT NULL AS "isDeleted",
       coalesce(k.seq >= n.message_seq AND m.role IS NOT NULL, false) AS "isPassed"
     FROM notifications n
     LEFT JOIN read_markers k ON k.user_id = n.user_id AND k.room_id = n.room_id
     LEFT JOIN members m ON m.user_id = n.user_id AND m.room_id = n.room_id AND m.updated_seq < n.message_seq
     WHERE n.room_id = $1 AND n.cause LIKE 'message:%'`,
    [roomId],
  );
}
