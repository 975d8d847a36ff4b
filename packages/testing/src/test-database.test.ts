import { expect, test } from "vitest";
import { openTestDatabase, testDatabaseKind } from "./index.ts";

test("each test has a migrated database of its own", async () => {
  const [first, second] = [await openTestDatabase(), await openTestDatabase()];
  try {
    await first.database.query("insert into instance (key, value) values ('probe', 'first')");
    const found = await second.database.query("select value from instance where key = 'probe'");
    expect(found).toEqual([]);
    expect(first.database.kind).toBe(testDatabaseKind());
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});
