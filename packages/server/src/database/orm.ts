import { drizzle, type PgRemoteDatabase } from "drizzle-orm/pg-proxy";
import type { Database, SqlValue } from "./database.ts";

/** Drizzle over whichever database is open, for libraries that bring their own queries. It has no transactions. */
export function openOrm(database: Database): PgRemoteDatabase<Record<string, never>> {
  return drizzle(async (text, params, method) => {
    if (method === "execute") return { rows: await database.query(text, params as SqlValue[]) };
    return { rows: await database.queryArrays(text, params as SqlValue[]) };
  });
}
