import type { Database } from "./database.ts";

/**
 * The embedded database has nobody who looks after its statistics, and plans made for empty tables read whole tables
 * later on. So they are renewed after some writes, less and less often as the tables grow.
 */
export function keepStatistics(database: Database): { countWrites(count: number): void } {
  let writes = 0;
  let nextAt = 100;
  return {
    countWrites(count) {
      writes += count;
      if (database.kind !== "pglite" || writes < nextAt) return;
      nextAt = writes + Math.min(Math.max(writes, 500), 50_000);
      // Failing is harmless: the next round tries again, and a database that is away is noticed by those who wait for it.
      database.query("ANALYZE").catch(() => {
        nextAt = writes + 1_000;
      });
    },
  };
}
