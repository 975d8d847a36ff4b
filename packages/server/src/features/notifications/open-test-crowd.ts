import type { Database } from "../../database/database.ts";

/** Makes this many people who never connect members of a room, past the road: what they are told is real. */
export async function fillRoom(database: Database, roomId: string, count: number): Promise<void> {
  const ids = `SELECT $1 || ' crowd ' || lpad(n::text, 5, '0') AS id FROM generate_series(1, $2::int) n`;
  await database.query(`INSERT INTO users (id, username, username_key) SELECT id, id, id FROM (${ids}) p`, [
    roomId,
    count,
  ]);
  await database.query(`INSERT INTO streams (id) SELECT 'user:' || id FROM (${ids}) p`, [roomId, count]);
  await database.query(
    `INSERT INTO members (room_id, user_id, role, updated_seq, user_seq) SELECT $1, id, 'member', 0, 0 FROM (${ids}) p`,
    [roomId, count],
  );
  await database.query("UPDATE rooms SET member_count = member_count + $2 WHERE id = $1", [roomId, count]);
}
