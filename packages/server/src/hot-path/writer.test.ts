import { openTestDatabase, type TestDatabase } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { losing } from "./losing-lanes.ts";
import { Writer } from "./writer.ts";

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened?.close());

/** A batch that writes nothing but its number, fenced as every batch is. */
const emptyBatch = "SELECT commit_chat_v1($1, $2, $3, $4::text[], $5::jsonb) AS result";
const nothing = [[], "[]"] as const;

test("a call of an older generation cannot commit any more", async () => {
  const old = new Writer(opened.database, "fenced");
  await old.commit(emptyBatch, nothing);
  const successor = new Writer(opened.database, "fenced");
  await successor.commit(emptyBatch, nothing);
  await expect(old.commit(emptyBatch, nothing)).rejects.toMatchObject({ sqlState: "MR001" });
  expect(await old.settle()).toBe("never");
  await old.commit(emptyBatch, nothing);
  await expect(successor.commit(emptyBatch, nothing)).rejects.toMatchObject({ sqlState: "MR001" });
  await old.close();
  expect(await opened.database.query("SELECT 1 FROM writers WHERE node = 'fenced'")).toEqual([]);
});

test("[ACK-1] after a lost answer it is known whether the batch committed", async () => {
  // Call 1 makes the writer known, call 2 is the batch.
  const committed = new Writer(
    losing(opened.database, (call) => (call === 2 ? "after" : undefined)),
    "committed",
  );
  await expect(committed.commit(emptyBatch, nothing)).rejects.toMatchObject({ connectionLost: true });
  expect(await committed.settle()).toBe("committed");
  const never = new Writer(
    losing(opened.database, (call) => (call === 2 ? "before" : undefined)),
    "never",
  );
  await expect(never.commit(emptyBatch, nothing)).rejects.toMatchObject({ connectionLost: true });
  expect(await never.settle()).toBe("never");
});

test("[ACK-1] a first batch that was never sent does not look like one that committed", async () => {
  const writer = new Writer(
    losing(opened.database, (call) => (call === 1 ? "before" : undefined)),
    "first",
  );
  await expect(writer.commit(emptyBatch, nothing)).rejects.toMatchObject({ connectionLost: true });
  expect(await writer.settle()).toBe("never");
  await writer.commit(emptyBatch, nothing);
});
