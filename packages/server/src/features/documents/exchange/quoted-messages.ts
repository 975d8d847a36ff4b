import type { QuotedMessage } from "@mirage/documents";
import { type Message, Refusal } from "@mirage/protocol";
import { can } from "../../../access/rights.ts";
import type { RoomGuard } from "../../../access/room-access.ts";
import type { Session } from "../../../access/session.ts";
import type { Database } from "../../../database/database.ts";
import { type MessageRow, toMessage } from "../../../hot-path/chat-lane/rows.ts";

/** Messages that go into a document, read for somebody who wants to put them there. */
export class QuotedMessages {
  readonly #database: Database;
  readonly #rooms: RoomGuard;

  constructor(deps: { database: Database; rooms: RoomGuard }) {
    this.#database = deps.database;
    this.#rooms = deps.rooms;
  }

  /** In the order in which they were said. @throws Refusal `not_found` where the caller may not read one of them. */
  async read(session: Session, messageIds: readonly string[]): Promise<QuotedMessage[]> {
    const ids = [...new Set(messageIds)];
    const rows = await this.#database.query<MessageRow>(
      `SELECT * FROM message_state WHERE id = ANY ($1::text[]) AND deleted_at IS NULL ORDER BY created_at, room_id, seq`,
      [ids],
    );
    const roomIds = [...new Set(rows.map((row) => row.room_id))];
    const rooms = await Promise.all(roomIds.map((roomId) => this.#rooms.find(session, roomId)));
    const isReadable = rooms.every((room) => room && can("read", room.standing) === "yes");
    if (!isReadable || rows.length < ids.length) throw new Refusal("not_found", "Message not found");
    return rows.map(toMessage).map(quoteOf);
  }
}

const quoteOf = ({ roomId, id: messageId, username, timestamp, content }: Message): QuotedMessage => ({
  roomId,
  messageId,
  username,
  timestamp,
  content,
});
