import { RoomModel, requestOk, startTestServer } from "@mirage/testing";
import { expect, test } from "vitest";

test("[CAT-1] over a restart positions, nonces and read markers go on where they were", {
  timeout: 60_000,
}, async () => {
  const settings = { jwtSecret: "a secret that stays the same over the restart", authSecret: "a".repeat(40) };
  const first = await startTestServer({ settings });
  const olga = await first.connect("olga");
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "public" });
  const roomId = room.id;
  const before = await requestOk(await first.connect("ann"), "join_room", { roomId });
  const body = { roomId, content: "Hello @ann", nonce: "over the restart" };
  const { message } = await requestOk(olga, "chat_message", body);
  const { message: changed } = await requestOk(olga, "chat_message", { roomId, content: "gone" });
  await requestOk(olga, "delete_message", { messageId: changed.id });
  await requestOk(olga, "mark_read", { roomId, seq: message.seq });
  await first.close({ keepsStorage: true });

  // Its own disk is a new one: nothing of this hangs on the secrets that are made there.
  const second = await startTestServer({
    settings: { ...settings, authSecret: "b".repeat(40) },
    storage: first.storage,
  });
  const back = await second.connect("ann");
  const since = { epoch: before.epoch, seq: before.seq };
  const [answered] = (await requestOk(back, "resume", { rooms: [{ roomId, since }], user: { ...since, seq: 0 } }))
    .rooms;
  if (!answered || !("messages" in answered)) throw new Error("the room was not answered");
  expect(answered).toMatchObject({ hasMore: false, seq: before.seq + 3, epoch: before.epoch });
  expect(answered).not.toHaveProperty("reset");
  const model = new RoomModel(before);
  model.resume(answered);
  const fresh = new RoomModel(await requestOk(back, "join_room", { roomId }));
  expect(model.snapshot()).toEqual(fresh.snapshot());

  const author = await second.connect("olga");
  expect(await requestOk(author, "chat_message", body)).toEqual({ ok: true, duplicate: true, message });
  const next = await requestOk(author, "chat_message", { roomId, content: "next" });
  expect(next.message.seq).toBe(before.seq + 4);
  const listed = (await requestOk(author, "list_rooms", {})).rooms.find(({ id }) => id === roomId);
  expect(listed).toMatchObject({ readSeq: message.seq, unread: 0, role: "owner" });
  await second.close();
});

test("[SEQ-2] in another life of the database whoever comes back with a position starts afresh", {
  timeout: 60_000,
}, async () => {
  const settings = { jwtSecret: "a secret that stays the same over the restart" };
  const first = await startTestServer({ settings });
  const olga = await first.connect("olga");
  const { room } = await requestOk(olga, "create_room", { name: "room", type: "public" });
  await requestOk(olga, "chat_message", { roomId: room.id, content: "kept" });
  // A restore from a backup is told to the database like this.
  await first.running.database.query("UPDATE instance SET value = 'another life' WHERE key = 'epoch'");
  await first.close({ keepsStorage: true });

  const second = await startTestServer({ settings, storage: first.storage });
  const back = await second.connect("olga");
  const since = { epoch: room.epoch, seq: 0 };
  const page = await requestOk(back, "join_room", { roomId: room.id, since });
  expect(page).toMatchObject({ reset: true, seq: 1, messages: [{ content: "kept" }] });
  expect(page.epoch).not.toBe(room.epoch);
  const { user } = await requestOk(back, "resume", { user: since });
  expect(user).toMatchObject({ reset: true, epoch: page.epoch });
  await second.close();
});
