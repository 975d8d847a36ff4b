import { type CryptoKey, importJWK } from "jose";
import type { Database } from "../../database/database.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FindOwnKey } from "./tokens.ts";

/** Tokens with made-up key ids must not become a query each. */
const refreshPauseMs = 200;

/** Finds the public keys of our own sign-in in the database, without asking ourselves over HTTP. */
export function createOwnKeys(options: { database: Database; clock: Clock }): FindOwnKey {
  const { database, clock } = options;
  let keys: ReadonlyMap<string, CryptoKey> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const rows = await database.query<{ id: string; public_key: string; alg: string | null }>(
      "SELECT id, public_key, alg FROM auth_keys",
    );
    const imported = await Promise.all(rows.map(async (row) => [row.id, await importPublic(row)] as const));
    keys = new Map(imported);
    readAt = clock.monotonicMs();
  }

  return async (kid) => {
    const known = keys.get(kid);
    if (known !== undefined || clock.monotonicMs() - readAt < refreshPauseMs) return known;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
    return keys.get(kid);
  };
}

async function importPublic(row: { id: string; public_key: string; alg: string | null }): Promise<CryptoKey> {
  const key = await importJWK(JSON.parse(row.public_key), row.alg ?? "EdDSA");
  if (key instanceof Uint8Array) throw new Error(`unable to use key ${row.id}; it is not a public key`);
  return key;
}
