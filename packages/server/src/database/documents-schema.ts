/**
 * Documents, and everything that belongs to one. Each has a stream `doc:<id>`; what is told of has its position there:
 * updates, comments and the document's own state.
 */
import { sql } from "drizzle-orm";
import { bigint, index, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { bytes, instant, position } from "./columns.ts";

export const documents = pgTable(
  "documents",
  {
    id: text("id").primaryKey(),
    title: text("title").notNull(),
    /** Whoever is in this room has a role by it. */
    roomId: text("room_id"),
    ownerId: text("owner_id").notNull(),
    /** Of the `create_document` that made it; unique for its owner. */
    nonce: text("nonce"),
    createdAt: instant("created_at").notNull(),
    /** When the content changed last, and by whom. */
    updatedAt: instant("updated_at").notNull(),
    updatedBy: text("updated_by"),
    trashedAt: instant("trashed_at"),
    /** Last change of what stands in this row, the content's two columns apart, and of people's roles. */
    updatedSeq: position("updated_seq").notNull().default(0),
  },
  (table) => [
    uniqueIndex("documents_nonce").on(table.ownerId, table.nonce),
    index("documents_of_room").on(table.roomId, table.updatedAt),
    index("documents_of_owner").on(table.ownerId, table.updatedAt),
  ],
);

/** What was committed since the oldest snapshot that is kept: Yjs updates (V1) as they came. */
export const documentUpdates = pgTable(
  "document_updates",
  {
    documentId: text("document_id").notNull(),
    position: position("position").notNull(),
    update: bytes("update").notNull(),
    userId: text("user_id").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.documentId, table.position] })],
);

/** Whose each Yjs client id is, and how far what is stored of it goes. */
export const documentClients = pgTable(
  "document_clients",
  {
    documentId: text("document_id").notNull(),
    clientId: bigint("client_id", { mode: "number" }).notNull(),
    userId: text("user_id").notNull(),
    /** The next clock; 0: it has only joined or pointed. */
    clock: bigint("clock", { mode: "number" }).notNull(),
    at: instant("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.documentId, table.clientId] })],
);

/** The whole content up to a position, the last three of a document. */
export const documentSnapshots = pgTable(
  "document_snapshots",
  {
    documentId: text("document_id").notNull(),
    position: position("position").notNull(),
    state: bytes("state").notNull(),
    /** SHA-256 of `state`, in hex. */
    checksum: text("checksum").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.documentId, table.position] })],
);

/** Contents that people kept, or that were kept before an earlier one was restored. */
export const documentVersions = pgTable(
  "document_versions",
  {
    id: text("id").primaryKey(),
    documentId: text("document_id").notNull(),
    position: position("position").notNull(),
    state: bytes("state").notNull(),
    checksum: text("checksum").notNull(),
    userId: text("user_id").notNull(),
    name: text("name"),
    at: instant("at").notNull(),
  },
  (table) => [index("document_versions_listed").on(table.documentId, table.id)],
);

/** Roles that were given to people; what they have by the document's room stands nowhere. */
export const documentPeople = pgTable(
  "document_people",
  {
    documentId: text("document_id").notNull(),
    userId: text("user_id").notNull(),
    role: text("role").notNull(),
    position: position("position").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.documentId, table.userId] }),
    index("document_people_of_user").on(table.userId),
  ],
);

/** Comments in threads. `position` is the last change; a deleted one stays, empty. */
export const documentComments = pgTable(
  "document_comments",
  {
    id: text("id").primaryKey(),
    documentId: text("document_id").notNull(),
    /** The id of its thread's first comment. */
    threadId: text("thread_id").notNull(),
    /** Relative positions of Yjs, base64url. */
    anchorStart: text("anchor_start"),
    anchorEnd: text("anchor_end"),
    quote: text("quote"),
    content: text("content").notNull(),
    userId: text("user_id").notNull(),
    username: text("username").notNull(),
    nonce: text("nonce"),
    /** Keyed hash of the body that the nonce stands for. */
    bodyHash: text("body_hash"),
    /** Whom it calls by name. */
    mentionedIds: text("mentioned_ids").array().notNull().default([]),
    createdAt: instant("created_at").notNull(),
    editedAt: instant("edited_at"),
    resolvedAt: instant("resolved_at"),
    resolvedBy: text("resolved_by"),
    deletedAt: instant("deleted_at"),
    position: position("position").notNull(),
  },
  (table) => [
    uniqueIndex("document_comments_changed").on(table.documentId, table.position),
    uniqueIndex("document_comments_nonce")
      .on(table.documentId, table.userId, table.nonce)
      .where(sql`nonce IS NOT NULL`),
  ],
);
