import { randomBytes } from "node:crypto";
import type { Database } from "./database.ts";

/**
 * A secret of the instance, made at first start. It lives with the data it is about, since it counts for as long: on
 * another node, and when a node's own disk was new. Bodies are hashed beside their nonces with `nonce_key`; `link_key`
 * signs the links in mail, `file_key` the addresses of files.
 */
export async function readInstanceKey(
  database: Database,
  name: "nonce_key" | "link_key" | "file_key",
): Promise<string> {
  const made = randomBytes(32).toString("base64url");
  await database.query("INSERT INTO instance (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", [name, made]);
  const [row] = await database.query<{ value: string }>("SELECT value FROM instance WHERE key = $1", [name]);
  if (!row) throw new Error(`the instance's ${name} was not stored`);
  return row.value;
}
