import type { DocumentRole, DocumentState, Role, RoomType } from "@mirage/protocol";
import type { Database } from "../database/database.ts";
import { BatchLoader } from "../lib/batch-loader.ts";
import {
  type DocumentAction,
  type DocumentStanding,
  documentRoleOf,
  requireDocumentRight,
  sufficesAlone,
} from "./document-rights.ts";
import type { Session } from "./session.ts";

/**
 * A person's ticket for a document: how they stood to it when its stream was at `document.seq` and its fence was `fence`.
 * The fences are checked again where a change commits.
 */
export interface DocumentAccess {
  readonly document: DocumentState;
  readonly userId: string;
  readonly role: DocumentRole;
  readonly standing: DocumentStanding;
  readonly fence: number;
  /** Of the document's room; null where it has none. */
  readonly roomFence: number | null;
}

/** What a change was judged by. `roomFence` is null where the room's rights did not matter. */
export interface DocumentFences {
  readonly fence: number;
  readonly roomFence: number | null;
}

/** Who asks, for which document. */
export interface DocumentKey {
  userId: string;
  isAdmin: boolean;
  documentId: string;
}

/** One row of `document_state`. */
export interface DocumentRow {
  id: string;
  title: string;
  room_id: string | null;
  owner_id: string;
  created_at: string | Date;
  updated_at: string | Date;
  updated_by: string | null;
  updated_by_name: string | null;
  trashed_at: string | Date | null;
  updated_seq: number;
}

/** What is read of a document for one person: see `documentAccessOf`. */
export interface DocumentAccessRow extends DocumentRow {
  own_role: DocumentRole | null;
  head: number;
  fence: number;
  room_type: RoomType | null;
  room_archived: boolean;
  room_role: Role | null;
  room_fence: number | null;
}

export type FoundDocument = Omit<DocumentAccess, "role"> & { role: DocumentRole | null };

/** The one place where rights to documents are looked up, always anew: edits are judged by a copy that waits for more. */
export class DocumentGuard {
  readonly #loader: BatchLoader<string, DocumentAccessRow>;

  constructor(options: { database: Database; onRead?: (count: number) => void }) {
    this.#loader = new BatchLoader((keys) => {
      options.onRead?.(keys.length);
      return readAccess(options.database, keys);
    });
  }

  /** @throws Refusal `not_found` for whoever may not see the document, `forbidden`. */
  async require(session: Session, documentId: string, action: DocumentAction): Promise<DocumentAccess> {
    const found = await this.find({ userId: session.userId, isAdmin: session.isAdmin, documentId });
    requireDocumentRight(found?.standing, action);
    if (!found || found.role === null) throw new Error("a verdict let nobody in");
    return { ...found, role: found.role };
  }

  /** How somebody stands to a document; undefined where there is none. Whether they may see it is for the caller to judge. */
  async find({ userId, isAdmin, documentId }: DocumentKey): Promise<FoundDocument | undefined> {
    const row = await this.#loader.find(JSON.stringify([userId, documentId]));
    return row && documentAccessOf(row, { userId, isAdmin });
  }
}

/** What the commit of this action has to compare. */
export function fencesOf({ fence, roomFence, standing }: DocumentAccess, action: DocumentAction): DocumentFences {
  return { fence, roomFence: sufficesAlone(standing, action) ? null : roomFence };
}

export function toDocumentState(row: DocumentRow, seq: number): DocumentState {
  return {
    id: row.id,
    title: row.title,
    roomId: row.room_id,
    ownerId: row.owner_id,
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
    updatedBy: row.updated_by === null ? null : { userId: row.updated_by, username: row.updated_by_name ?? "" },
    trashedAt: row.trashed_at === null ? null : isoTime(row.trashed_at),
    seq,
  };
}

const isoTime = (instant: string | Date): string => new Date(instant).toISOString();

/** How somebody stands to a document that was read for them. */
export function documentAccessOf(
  row: DocumentAccessRow,
  { userId, isAdmin }: { userId: string; isAdmin: boolean },
): FoundDocument {
  const standing: DocumentStanding = {
    isOwner: row.owner_id === userId,
    ownRole: row.own_role,
    room:
      row.room_type === null
        ? null
        : { role: row.room_role, roomType: row.room_type, isArchived: row.room_archived, isAdmin },
    isTrashed: row.trashed_at !== null,
  };
  return {
    document: toDocumentState(row, row.head),
    userId,
    role: documentRoleOf(standing),
    standing,
    fence: row.fence,
    roomFence: row.room_fence,
  };
}

/**
 * The rest of a `DocumentAccessRow` for documents and people in `a`. Each is looked up by itself (OFFSET 0), as in
 * `room-access.ts`.
 */
export const documentAccessColumns = `d.*, s.head, s.fence, p.role AS own_role, r.type AS room_type,
    coalesce(r.archived_at IS NOT NULL, false) AS room_archived, m.role AS room_role, rs.fence AS room_fence`;
export const documentAccessJoins = `
  CROSS JOIN LATERAL (SELECT * FROM document_state WHERE id = a.document_id OFFSET 0) d
  CROSS JOIN LATERAL (SELECT * FROM streams WHERE id = 'doc:' || a.document_id OFFSET 0) s
  LEFT JOIN LATERAL (SELECT * FROM document_people WHERE document_id = a.document_id AND user_id = a.user_id OFFSET 0) p
    ON true
  LEFT JOIN LATERAL (SELECT * FROM rooms WHERE id = d.room_id OFFSET 0) r ON true
  LEFT JOIN LATERAL (SELECT * FROM streams WHERE id = 'room:' || d.room_id OFFSET 0) rs ON true
  LEFT JOIN LATERAL (SELECT * FROM members WHERE room_id = d.room_id AND user_id = a.user_id OFFSET 0) m ON true`;

const accessSql = `
  SELECT a.key, ${documentAccessColumns}
  FROM jsonb_to_recordset($1::jsonb) AS a(key text, user_id text, document_id text) ${documentAccessJoins}`;

async function readAccess(database: Database, keys: string[]): Promise<Map<string, DocumentAccessRow>> {
  const asked = keys.map((key) => {
    const [userId, documentId] = JSON.parse(key) as [string, string];
    return { key, user_id: userId, document_id: documentId };
  });
  const rows = await database.query<DocumentAccessRow & { key: string }>(accessSql, [JSON.stringify(asked)]);
  return new Map(rows.map((row) => [row.key, row]));
}
