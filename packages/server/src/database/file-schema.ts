import { sql } from "drizzle-orm";
import { bigint, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/**
 * What people have uploaded; the bytes are in the blob store. The row comes before the bytes and goes after them, so what
 * a killed process leaves behind is found by its row.
 */
export const files = pgTable(
  "files",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    /** `receiving`: nobody sees it yet. `stored`. `removing`: nobody sees it any more. */
    state: text("state").notNull(),
    name: text("name").notNull(),
    /** Media type, by its bytes. */
    type: text("type").notNull(),
    size: bigint("size", { mode: "number" }).notNull(),
    width: integer("width"),
    height: integer("height"),
    /** Of the small pictures that were made: `[{ variant, width, height }]`. */
    thumbnails: jsonb("thumbnails").notNull().default([]),
    storageKey: text("storage_key").notNull(),
    /** Which node is receiving it; whatever a node was receiving is given up when it has no lease any more. */
    node: text("node"),
    /** The message it hangs on, for good: a file is used once. */
    messageId: text("message_id"),
    /** The document it was uploaded into: for its text alone. */
    documentId: text("document_id"),
    createdAt: instant("created_at").notNull(),
    /** It is removed from then on, unless the text of its document shows it; null: it stays. */
    removeAt: instant("remove_at"),
  },
  (table) => [
    index("files_user").on(table.userId),
    index("files_message").on(table.messageId),
    index("files_receiving").on(table.node).where(sql`state = 'receiving'`),
    index("files_document").on(table.documentId).where(sql`document_id is not null`),
    index("files_remove").on(table.removeAt).where(sql`remove_at is not null`),
  ],
);
