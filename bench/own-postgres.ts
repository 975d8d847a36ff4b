import { findPostgresPrograms, type PrivatePostgres, startPostgres } from "@mirage/testing";
import { type Places, pin } from "./machine/cores.ts";

/** A Postgres of the bench's own, with fsync on as in production; each server gets a fresh database in it. */
export async function startOwnPostgres(places: Places): Promise<PrivatePostgres> {
  if (!findPostgresPrograms()) {
    throw new Error("PostgreSQL is missing: apt-get install postgresql, or choose --database=pglite");
  }
  const postgres = await startPostgres({ isDurable: true });
  process.env.TEST_POSTGRES_URL = postgres.url;
  pin(postgres.pid, places.postgres);
  return postgres;
}
