import type { Message } from "@mirage/protocol";
import {
  checkHistory,
  eventually,
  type FinalRoom,
  type Reachable,
  RoomModel,
  requestOk,
  type Violation,
} from "@mirage/testing";
import type { Database } from "../packages/server/src/database/database.ts";
import { openDatabase } from "../packages/server/src/database/open-database.ts";
import type { FaultClient } from "./fault-client.ts";
import { onConnection } from "./on-connection.ts";

export interface Storage {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
}

/** Rooms as a client that starts now is shown them. */
export type FreshRooms = Map<string, RoomModel>;

const shownMessages = 50;

/** What a room looks like to everyone: the newest messages, who belongs to it, the room itself. */
function stateOf(model: RoomModel): string {
  const { messages, members, room, seq } = model.snapshot();
  return JSON.stringify({ seq, room, members, messages: messages.slice(-shownMessages) });
}

/** Waits until all clients stand at the head, at most `withinMs`, and reads the rooms afresh. */
export async function readFresh(
  server: Reachable,
  at: { clients: readonly FaultClient[]; roomIds: readonly string[]; withinMs: number },
): Promise<FreshRooms> {
  const { clients, roomIds, withinMs } = at;
  const [anyone] = clients;
  if (!anyone) throw new Error("there are no clients");
  return await onConnection(server, anyone.userId, async (socket) => {
    const fresh: FreshRooms = new Map();
    for (const roomId of roomIds) fresh.set(roomId, new RoomModel(await requestOk(socket, "join_room", { roomId })));
    const isBehind = (client: FaultClient) =>
      [...fresh].some(([roomId, { seq }]) => client.room(roomId).model.seq !== seq);
    try {
      await eventually(() => !clients.some(isBehind), { timeoutMs: withinMs });
    } catch {
      // Who is behind is named by the judge.
      return fresh;
    }
    return fresh;
  });
}

/** Judges everything that the clients wrote down against what is stored. The embedded database must be free. */
export async function judge(
  storage: Storage,
  at: { clients: readonly FaultClient[]; fresh: FreshRooms },
): Promise<Violation[]> {
  const database = await openDatabase(storage);
  try {
    const rooms = await Promise.all(
      [...at.fresh].map(
        async ([roomId, fresh]) => [roomId, await readRoom(database, { ...at, roomId, fresh })] as const,
      ),
    );
    const histories = at.clients.flatMap((client) => client.fullHistory);
    const found = checkHistory(histories, Object.fromEntries(rooms));
    for (const client of at.clients) found.push(...(await compareMessages(database, client, [...at.fresh.keys()])));
    return found;
  } finally {
    await database.close();
  }
}

async function readRoom(
  database: Database,
  { clients, roomId, fresh }: { clients: readonly FaultClient[]; roomId: string; fresh: RoomModel },
): Promise<FinalRoom> {
  const shown = clients.map((client) => {
    const { model } = client.room(roomId);
    return [client.name, { seq: model.seq, state: stateOf(model) }] as const;
  });
  const stored = await readStored(database, roomId);
  return { ...stored, clients: Object.fromEntries(shown), state: stateOf(fresh) };
}

/** A room as the database has it. */
export async function readStored(
  database: Database,
  roomId: string,
): Promise<Pick<FinalRoom, "head" | "messages" | "otherPositions">> {
  const [stream] = await database.query<{ head: number }>("SELECT head FROM streams WHERE id = 'room:' || $1", [
    roomId,
  ]);
  const messages = await database.query<FinalRoom["messages"][number]>(
    `SELECT id, user_id AS "userId", nonce, seq, updated_seq AS "updatedSeq" FROM messages WHERE room_id = $1`,
    [roomId],
  );
  const others = await database.query<{ seq: number }>(
    `SELECT DISTINCT updated_seq AS seq FROM members WHERE room_id = $1 AND updated_seq > 0
     UNION SELECT updated_seq FROM rooms WHERE id = $1 AND updated_seq > 0`,
    [roomId],
  );
  return { head: stream?.head ?? -1, messages, otherPositions: others.map(({ seq }) => seq) };
}

/** Every message a client ever kept, not only the newest ones, is as it is stored. */
async function compareMessages(database: Database, client: FaultClient, roomIds: string[]): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const roomId of roomIds) {
    const { model, wasReset } = client.room(roomId);
    const rows = await database.query<{ id: string; content: string; updated_seq: number }>(
      "SELECT id, content, updated_seq FROM messages WHERE room_id = $1 AND deleted_at IS NULL",
      [roomId],
    );
    const stored = new Map(rows.map((row) => [row.id, row]));
    const kept = model.newest(Number.POSITIVE_INFINITY);
    const report = (what: string) => found.push({ invariant: "convergence", roomId, client: client.name, what });
    if (!wasReset && kept.length !== stored.size) report(`keeps ${kept.length} messages of ${stored.size}`);
    const isOther = (message: Message) => {
      const row = stored.get(message.id);
      return row?.content !== message.content || row.updated_seq !== message.updatedSeq;
    };
    const other = kept.find(isOther);
    if (other) report(`keeps ${other.id} as it was at ${other.updatedSeq}`);
  }
  return found;
}
