import { createHash } from "node:crypto";
import { type Database, DatabaseError } from "./database.ts";

/**
 * The life of every stream in this database (SEQ-2), as an opaque string: another one means that an older state may
 * have been restored. On Postgres it also changes with the cluster, the database, and a recovery or failover
 * (each begins a new timeline), where the server lets us read them.
 */
export async function readEpoch(database: Database): Promise<string> {
  const [row] = await database.query<{ value: string }>("select value from instance where key = 'epoch'");
  if (row === undefined) throw new Error("The database has no epoch; run the migrations first.");
  const parts = [row.value];
  if (database.kind === "postgres") {
    for (const part of identityQueries) parts.push(await readPart(database, part));
  }
  return createHash("sha256").update(parts.join("\n")).digest("base64url").slice(0, 12);
}

/** The first eight digits of a WAL file's name are the timeline, true from the moment of promotion on. */
const identityQueries = [
  "select system_identifier::text as part from pg_control_system()",
  "select left(pg_walfile_name(pg_current_wal_lsn()), 8) as part",
  "select oid::text as part from pg_database where datname = current_database()",
];

async function readPart(database: Database, text: string): Promise<string> {
  try {
    const [row] = await database.query<{ part: string }>(text);
    return row?.part ?? "";
  } catch (error) {
    if (error instanceof DatabaseError && isUnavailable(error.sqlState)) return "";
    throw error;
  }
}

/** No right to it, no such function, or not on this kind of server. */
function isUnavailable(sqlState: string | undefined): boolean {
  return sqlState === "42501" || sqlState === "42883" || sqlState === "0A000" || sqlState === "55000";
}
