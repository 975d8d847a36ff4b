import type { Database } from "../database/database.ts";
import type { Clock } from "../ports/clock.ts";

const keptMs = 2_000;
const patienceMs = 2_000;

/**
 * Says whether the database takes writes. What was found holds for two seconds, so that asking often costs nothing, and
 * a database that does not answer in two counts as gone.
 */
export function createReadiness(options: { database: Database; clock: Clock }): () => Promise<boolean> {
  const { database, clock } = options;
  let last: { atMs: number; canWrite: Promise<boolean> } | undefined;
  return () => {
    const now = clock.monotonicMs();
    if (last === undefined || now - last.atMs > keptMs) last = { atMs: now, canWrite: probe(database, clock) };
    return last.canWrite;
  };
}

async function probe(database: Database, clock: Clock): Promise<boolean> {
  const write = database
    .query(
      `insert into instance (key, value) values ('write_probe', $1)
       on conflict (key) do update set value = excluded.value`,
      [new Date(clock.now()).toISOString()],
    )
    .then(
      () => true,
      () => false,
    );
  const late = Promise.withResolvers<boolean>();
  const timer = clock.after(patienceMs, () => late.resolve(false));
  const canWrite = await Promise.race([write, late.promise]);
  timer.cancel();
  return canWrite;
}
