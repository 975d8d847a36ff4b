import { randomBytes } from "node:crypto";
import type { Database } from "./database.ts";

/**
 * The key that bodies are hashed with beside their nonces. It lives with the messages, because a nonce counts for ever:
 * on another node, and when a node's own disk was new.
 */
export async function readNonceKey(database: Database): Promise<string> {
  await database.query("INSERT INTO instance (key, value) VALUES ('nonce_key', $1) ON CONFLICT (key) DO NOTHING", [
    randomBytes(32).toString("base64url"),
  ]);
  const [row] = await database.query<{ value: string }>("SELECT value FROM instance WHERE key = 'nonce_key'");
  if (!row) throw new Error("the key of nonces was not stored");
  return row.value;
}
