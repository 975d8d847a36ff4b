import { eventually, openTestDatabase } from "@mirage/testing";
import { expect, onTestFinished, test } from "vitest";
import { keepStatistics } from "./statistics.ts";

test("the embedded database's statistics are renewed table by table, and whoever asks meanwhile goes between", async () => {
  const { database, close } = await openTestDatabase();
  onTestFinished(close);
  const countUnknown = async (): Promise<number> => {
    const [row] = await database.query<{ unknown: number }>(
      `SELECT count(*)::int AS unknown FROM pg_class
       WHERE relkind = 'r' AND reltuples < 0 AND relnamespace = current_schema()::regnamespace`,
    );
    return row?.unknown ?? 0;
  };
  const before = await countUnknown();
  expect(before).toBeGreaterThan(20);
  const statistics = keepStatistics(database);
  statistics.countWrites(99);
  expect(await countUnknown()).toBe(before);
  statistics.countWrites(1);
  const seen = new Set<number>();
  await eventually(
    async () => {
      const left = await countUnknown();
      seen.add(left);
      return left === 0;
    },
    { intervalMs: 0 },
  );
  expect(seen.size).toBeGreaterThan(5);
});
