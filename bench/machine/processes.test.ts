import { openTestDatabase } from "@mirage/testing";
import { expect, test } from "vitest";
import { readCpu } from "./processes.ts";

test("the CPU time of the embedded database is counted as its own", async () => {
  const { database, close } = await openTestDatabase();
  const before = readCpu(process.pid);
  await database.query("SELECT sum(sqrt(n)) FROM generate_series(1, 1000000) n");
  const after = readCpu(process.pid);
  await close();
  // Linux alone says.
  expect(after.workers - before.workers > 0).toBe(process.platform === "linux");
});
