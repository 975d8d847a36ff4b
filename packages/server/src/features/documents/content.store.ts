import { createHash } from "node:crypto";
import { Refusal } from "@mirage/protocol";
import type { Database } from "../../database/database.ts";
import { encodeClocks } from "./gate/cut-update.ts";
import type { StoredDocument } from "./live-document.ts";

interface ContentRow {
  kind: "head" | "snapshot" | "update" | "client";
  at: number;
  bytes: Uint8Array | null;
  text: string | null;
  clock: number | null;
}

/** Head, the newest snapshot below a position, the updates after it, and whose the client ids are, at one moment. */
const readContent = `
  WITH newest AS (
    SELECT position, state, checksum FROM document_snapshots
    WHERE document_id = $1 AND position < $2 ORDER BY position DESC LIMIT 1)
  SELECT 'head' AS kind, head AS at, NULL::bytea AS bytes, floor::text AS text, NULL::bigint AS clock
  FROM streams WHERE id = 'doc:' || $1
  UNION ALL SELECT 'snapshot', position, state, checksum, NULL FROM newest
  UNION ALL (SELECT 'update', position, update, NULL, NULL FROM document_updates
    WHERE document_id = $1 AND position > coalesce((SELECT position FROM newest), 0) ORDER BY position)
  UNION ALL SELECT 'client', client_id, NULL, user_id, clock FROM document_clients WHERE document_id = $1`;

/** Whose a client id is after this, made the claimant's if it was nobody's. */
const claimClient = `
  WITH made AS (
    INSERT INTO document_clients (document_id, client_id, user_id, clock, at) VALUES ($1, $2, $3, 0, $4)
    ON CONFLICT DO NOTHING RETURNING user_id)
  SELECT user_id FROM made
  UNION ALL SELECT user_id FROM document_clients WHERE document_id = $1 AND client_id = $2`;
const maxClaims = 3;

interface Claim {
  documentId: string;
  clientId: number;
  userId: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface ContentStoreOptions {
  database: Database;
  /** A snapshot is not what was written, and an older one is taken. */
  onFault: (error: unknown) => void;
}

/** What a document holds: snapshots and the updates after them. */
export class ContentStore {
  readonly #options: ContentStoreOptions;

  constructor(options: ContentStoreOptions) {
    this.#options = options;
  }

  /** Undefined where there is no such document. @throws Error where no snapshot is sound and its updates are gone. */
  async read(documentId: string): Promise<StoredDocument | undefined> {
    for (let below = Number.MAX_SAFE_INTEGER; ; ) {
      const rows = await this.#options.database.query<ContentRow>(readContent, [documentId, below]);
      const head = rows.find(({ kind }) => kind === "head");
      if (!head) return undefined;
      const snapshot = rows.find(({ kind }) => kind === "snapshot");
      if (!snapshot && Number(head.text) > 0) throw new Error(`no snapshot of document ${documentId} is sound`);
      const isSound = !snapshot?.bytes || checksumOf(snapshot.bytes) === snapshot.text;
      if (isSound) return toStored(rows, { position: head.at, snapshot: snapshot?.bytes ?? undefined });
      this.#options.onFault(new Error(`the snapshot of document ${documentId} at ${snapshot.at} is damaged`));
      below = snapshot.at;
    }
  }

  /** Keeps the whole content up to a position, and lets go of what three snapshots hold. */
  async compact(content: { documentId: string; position: number; state: Uint8Array; at: number }): Promise<void> {
    const { documentId, position, state, at } = content;
    await this.#options.database.query("SELECT compact_document_v1($1, $2, $3, $4, $5)", [
      documentId,
      position,
      state,
      checksumOf(state),
      new Date(at),
    ]);
  }

  /** Makes a client id somebody's, if it is nobody's, and tells whose it is. */
  async claim({ documentId, clientId, userId, at }: Claim): Promise<string> {
    const values = [documentId, clientId, userId, new Date(at)];
    for (let tries = 0; tries < maxClaims; tries++) {
      // A row that was added while this one waited for it is seen by the next statement only.
      const [row] = await this.#options.database.query<{ user_id: string }>(claimClient, values);
      if (row) return row.user_id;
    }
    throw new Refusal("unavailable", "This client id is being claimed elsewhere; try again", { retryAfterMs: 200 });
  }
}

export function checksumOf(state: Uint8Array): string {
  return createHash("sha256").update(state).digest("hex");
}

function toStored(
  rows: readonly ContentRow[],
  { position, snapshot }: { position: number; snapshot: Uint8Array | undefined },
): StoredDocument {
  const updates = rows.flatMap(({ kind, bytes }) => (kind === "update" && bytes ? [bytes] : []));
  const clients = rows.filter(({ kind }) => kind === "client");
  const clocks = clients.flatMap(({ at, clock }) => (clock ? [[at, Number(clock)] as const] : []));
  return {
    position,
    states: snapshot ? [snapshot, ...updates] : updates,
    clients: clients.flatMap(({ at, text }) => (text ? [{ clientId: at, userId: text }] : [])),
    snapshotBytes: snapshot?.length ?? 0,
    stateVector: encodeClocks(clocks),
  };
}
