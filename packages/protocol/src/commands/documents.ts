import { z } from "zod";
import { bytes } from "../bytes.ts";
import { command } from "../command.ts";
import {
  awarenessEntrySchema,
  awarenessStateSchema,
  clientIdSchema,
  documentPersonSchema,
  documentRoleSchema,
  documentSchema,
  documentVersionSchema,
} from "../documents.ts";
import { seqSchema } from "../entities.ts";
import { limits } from "../limits.ts";
import { isBlank, line } from "../text.ts";
import { cursor, documentId, messageId, nonce, roomId, userId, versionId } from "./fields.ts";

const title = line(limits.documentTitleCodePoints, "Document title is required");
const markdown = z
  .string()
  .refine((text) => text.length <= limits.markdownCharacters, {
    error: `at most ${limits.markdownCharacters} characters`,
  })
  .refine((text) => !isBlank(text), { error: "Markdown with something in it" });
const versionName = line(limits.versionNameCodePoints, "Version name is required");
const document = z.object({ document: documentSchema });
const nothing = z.object({});
const hiding = ["not_found"] as const;
const changing = ["forbidden", "not_found"] as const;

const awareness = awarenessStateSchema.refine(
  (state) => new TextEncoder().encode(JSON.stringify(state)).length <= limits.awarenessBytes,
  { error: `at most ${limits.awarenessBytes} bytes` },
);

const shared = { feature: "documents", since: 1, limit: "documents" } as const;

export const documentCommands = {
  create_document: command({
    ...shared,
    summary:
      "Makes a document that the caller owns; in a room its members may edit it. With a nonce it is made once. It begins " +
      "with Markdown or with messages, which the room is told of by a message with a link.",
    input: z
      .object({
        title,
        roomId: roomId.optional(),
        nonce: nonce.optional(),
        markdown: markdown.optional(),
        /** Messages that the caller may read; they stand in the order in which they were said. */
        fromMessageIds: z.array(messageId).min(1).max(limits.documentMessages).optional(),
      })
      .refine((input) => input.markdown === undefined || input.fromMessageIds === undefined, {
        error: "one of markdown and fromMessageIds",
      }),
    /** `messageId`: of the message that tells the room. */
    reply: document.extend({ messageId: z.string().optional() }),
    errors: ["forbidden", "not_found", "archived", "document_full"],
  }),
  append_document: command({
    ...shared,
    summary: "Puts Markdown behind everything that stands in a document: an edit like any other.",
    input: z.object({ documentId, markdown }),
    reply: z.object({ seq: seqSchema }),
    errors: [...changing, "document_full"],
    limit: "versions",
  }),
  get_document: command({
    ...shared,
    summary: "Tells of one document, without its content.",
    input: z.object({ documentId }),
    reply: document,
    errors: hiding,
  }),
  list_documents: command({
    ...shared,
    summary:
      "Lists the documents that the caller may see, of one room or all, changed last first; or those in the trash that " +
      "they may take out of it.",
    input: z.object({
      roomId: roomId.optional(),
      scope: z.enum(["all", "trash"]).default("all"),
      query: z.string().max(limits.documentTitleCodePoints).optional(),
      cursor,
    }),
    reply: z.object({ documents: z.array(documentSchema), nextCursor: z.string().nullable() }),
    errors: hiding,
  }),
  update_document: command({
    ...shared,
    summary: "Changes the title, or puts the document into the trash and takes it out again.",
    input: z.object({ documentId, title: title.optional(), trashed: z.boolean().optional() }),
    reply: document,
    errors: changing,
  }),
  delete_document: command({
    ...shared,
    summary: "Deletes a document of one's own that is in the trash, for good.",
    input: z.object({ documentId }),
    reply: nothing,
    errors: [...changing, "conflict"],
  }),
  join_document: command({
    ...shared,
    summary:
      "Opens a document: what the caller lacks of it, and the live stream from there on. A Yjs client id belongs to whoever " +
      "joins, points or writes with it first.",
    input: z.object({
      documentId,
      /** What the caller has, as `Y.encodeStateVector` says it; absent: nothing. */
      stateVector: bytes(limits.stateVectorBytes).optional(),
      clientId: clientIdSchema.optional(),
    }),
    reply: z.object({
      update: bytes(Number.MAX_SAFE_INTEGER),
      /** What the server has: the caller sends what of their own is not in it. */
      stateVector: bytes(Number.MAX_SAFE_INTEGER),
      seq: seqSchema,
      epoch: z.string(),
      role: documentRoleSchema,
      document: documentSchema,
      awareness: z.array(awarenessEntrySchema),
    }),
    errors: [...hiding, "client_id_taken", "document_full", "bad_update"],
    socketOnly: true,
    bytesIn: ["stateVector"],
    bytesOut: ["update", "stateVector"],
  }),
  leave_document: command({
    ...shared,
    summary: "Stops the document's live stream on this connection.",
    input: z.object({ documentId }),
    reply: nothing,
    errors: [],
    socketOnly: true,
  }),
  collaborative_edit: command({
    ...shared,
    summary:
      "Adds one Yjs update (V1), answered when it is stored. After a refusal about the update the document is no longer " +
      "open on this connection: join again and send what the answer's state vector lacks.",
    input: z.object({ documentId, update: bytes(limits.updateBytes) }),
    reply: z.object({ seq: seqSchema, duplicate: z.boolean().optional() }),
    errors: [...changing, "bad_update", "client_id_taken", "document_full"],
    limit: "updates",
    socketOnly: true,
    bytesIn: ["update"],
  }),
  cursor_update: command({
    ...shared,
    summary: "Says where the caller is in a document that is open; null: nowhere any more. Never stored.",
    input: z.object({ documentId, clientId: clientIdSchema, state: awareness.nullable() }),
    reply: nothing,
    errors: [...hiding, "client_id_taken"],
    limit: "cursors",
    socketOnly: true,
  }),
  set_document_role: command({
    ...shared,
    summary: "Gives somebody a role in a document, or takes it away again; what they have by its room stays.",
    input: z.object({ documentId, userId, role: documentRoleSchema.nullable() }),
    reply: document,
    errors: [...changing, "conflict"],
  }),
  list_document_roles: command({
    ...shared,
    summary: "Lists who has a role in a document, the owner first: their own, or by its room (the first 200 people).",
    input: z.object({ documentId }),
    reply: z.object({ people: z.array(documentPersonSchema) }),
    errors: hiding,
  }),
  list_versions: command({
    ...shared,
    summary: "Lists the versions of a document that were kept, newest first.",
    input: z.object({ documentId, cursor }),
    reply: z.object({ versions: z.array(documentVersionSchema), nextCursor: z.string().nullable() }),
    errors: hiding,
  }),
  create_version: command({
    ...shared,
    summary: "Keeps the present content under a name.",
    input: z.object({ documentId, name: versionName }),
    reply: z.object({ version: documentVersionSchema }),
    errors: [...changing, "document_full"],
    limit: "versions",
  }),
  read_version: command({
    ...shared,
    summary: "Reads the whole content of a version, as one Yjs update.",
    input: z.object({ documentId, versionId }),
    reply: z.object({ update: bytes(Number.MAX_SAFE_INTEGER) }),
    errors: hiding,
    limit: "versions",
    socketOnly: true,
    bytesOut: ["update"],
  }),
  restore_version: command({
    ...shared,
    summary:
      "Makes the content what it was in a version, by an edit that reaches everybody; the present one is kept as a version first.",
    input: z.object({ documentId, versionId }),
    reply: z.object({ seq: seqSchema }),
    errors: [...changing, "document_full"],
    limit: "versions",
  }),
};
