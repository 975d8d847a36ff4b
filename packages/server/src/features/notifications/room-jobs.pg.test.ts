import { eventually, Inbox, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fillRoom } from "./open-test-crowd.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

test("[NOTE-11] [MOD-1] deleting what a crowd was told waits for nobody's records, and none shows its text from then on", async () => {
  const { database } = server.running;
  await server.connect("root");
  const olga = await server.connect("olga");
  const { roomId } = await makeCrowd(olga);
  const ann = new Inbox(await server.connect("ann"));
  await requestOk(ann.socket, "join_room", { roomId });
  const { message } = await requestOk(olga, "chat_message", { roomId, content: "a secret for @everyone" });
  const list = async () => JSON.stringify(await requestOk(ann.socket, "get_notifications", {}));
  await eventually(async () => expect(await list()).toContain("secret"));
  // Another node is about to change Ann's record, and waits for something in its turn.
  await database.exclusive(async (connection) => {
    await connection.script("BEGIN");
    const held = await connection.query(
      "SELECT id FROM notifications WHERE user_id = 'ann' AND cause = $1 FOR UPDATE",
      [`message:${message.id}`],
    );
    expect(held).toHaveLength(1);
    await requestOk(olga, "delete_message", { messageId: message.id });
    expect(await list()).not.toContain("secret");
    await connection.script("ROLLBACK");
  });
  await eventually(async () => expect(await ann.take("notification_deleted")).toHaveLength(1));
  const kept = "SELECT title, content FROM notifications WHERE cause = $1 AND (title <> '' OR content <> '')";
  await eventually(async () => expect(await database.query(kept, [`message:${message.id}`])).toEqual([]));
});

async function makeCrowd(owner: Awaited<ReturnType<TestServer["connect"]>>): Promise<{ roomId: string }> {
  const { room } = await requestOk(owner, "create_room", { name: "Hall", type: "public" });
  await fillRoom(server.running.database, room.id, 300);
  return { roomId: room.id };
}
