import { FakeClock, openTestDatabase, type TestDatabase } from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { RoomGuard } from "./room-access.ts";
import type { Session } from "./session.ts";

let opened: TestDatabase;
let clock: FakeClock;
let guard: RoomGuard;

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened?.close());

const session = (userId: string): Session => ({
  userId,
  username: userId,
  avatarUrl: undefined,
  isGuest: false,
  isAdmin: false,
  issuerSessionId: undefined,
  connectionId: `connection of ${userId}`,
  transport: "socket",
});
const ann = session("ann");

const run = (text: string) => opened.database.query(text);

beforeEach(async () => {
  clock = new FakeClock();
  guard = new RoomGuard({ database: opened.database, clock });
  await run("DELETE FROM members WHERE user_id = 'ann'");
  await run(`INSERT INTO users (id, username, username_key) VALUES ('ann', 'ann', 'ann') ON CONFLICT DO NOTHING`);
  await run(
    `INSERT INTO members (room_id, user_id, role, updated_seq, user_seq) VALUES ('general', 'ann', 'member', 0, 0)`,
  );
});

const leave = () => run("UPDATE members SET role = NULL WHERE user_id = 'ann'");

test("[ACC-1] what may not be checked again is remembered for a second, what is checked at the commit for longer", async () => {
  expect(await guard.require(ann, "general", "read")).toMatchObject({
    role: "member",
    room: { id: "general" },
    userId: "ann",
  });
  await leave();
  clock.advance(1_001);
  await expect(guard.require(ann, "general", "typing")).rejects.toMatchObject({ code: "forbidden" });
  expect((await guard.require(ann, "general", "read")).role).toBeNull();
});

test("[ACC-1] what is told to be old is read anew", async () => {
  await guard.require(ann, "general", "post");
  await leave();
  expect((await guard.require(ann, "general", "post")).role).toBe("member");
  guard.forget("general", ["somebody"]);
  expect((await guard.require(ann, "general", "post")).role).toBe("member");
  guard.forget("general", ["ann"]);
  await expect(guard.require(ann, "general", "post")).rejects.toMatchObject({ code: "forbidden" });
});

test("[ACC-1] a judge that is asked again looks at rights anew", async () => {
  const judge = guard.judging("general", () => guard.require(ann, "general", "post"));
  const first = await judge();
  await run("UPDATE streams SET fence = fence + 1 WHERE id = 'room:general'");
  expect((await guard.require(ann, "general", "post")).fence).toBe(first.fence);
  expect((await judge()).fence).toBe(first.fence + 1);
  await leave();
  await expect(judge()).rejects.toMatchObject({ code: "forbidden" });
});

test("[ACC-2] a room that is not there and one that may not be seen are refused alike", async () => {
  await run(`INSERT INTO streams (id) VALUES ('room:hidden') ON CONFLICT DO NOTHING`);
  await run(`INSERT INTO rooms (id, name, type) VALUES ('hidden', 'hidden', 'private') ON CONFLICT DO NOTHING`);
  const refusals = [];
  for (const roomId of ["hidden", "nowhere", "general\nann", "'"]) {
    refusals.push(await guard.require(ann, roomId, "post").catch(({ code, message }) => ({ code, message })));
  }
  expect(new Set(refusals.map((refusal) => JSON.stringify(refusal)))).toEqual(
    new Set(['{"code":"not_found","message":"Room not found"}']),
  );
  // A refusal is not remembered: who was let in is in at once.
  await run(
    `INSERT INTO members (room_id, user_id, role, updated_seq, user_seq) VALUES ('hidden', 'ann', 'guest', 0, 0)`,
  );
  expect((await guard.require(ann, "hidden", "post")).role).toBe("guest");
});
