import type { Database } from "./database.ts";

/** Both base64url. */
export interface PushKeys {
  publicKey: string;
  privateKey: string;
}

/** The keys that browsers know this instance by, made at first start. All nodes share them, and subscriptions last as long. */
export async function readPushKeys(database: Database, make: () => PushKeys): Promise<PushKeys> {
  const read = () => database.query<{ value: string }>("SELECT value FROM instance WHERE key = 'push_keys'");
  const [known] = await read();
  if (known) return JSON.parse(known.value) as PushKeys;
  await database.query("INSERT INTO instance (key, value) VALUES ('push_keys', $1) ON CONFLICT (key) DO NOTHING", [
    JSON.stringify(make()),
  ]);
  const [row] = await read();
  if (!row) throw new Error("the keys of push were not stored");
  return JSON.parse(row.value) as PushKeys;
}
