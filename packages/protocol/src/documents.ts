import { z } from "zod";
import { documentRoles } from "./document-roles.ts";
import { seqSchema } from "./entities.ts";
import { limits } from "./limits.ts";

export const documentRoleSchema = z.enum(documentRoles);

const personSchema = z.object({ userId: z.string(), username: z.string() });

/**
 * A document as its stream tells of it: nothing in it belongs to one person or to this moment. Instants are ISO 8601
 * with milliseconds, UTC. `seq` is the position that this state stands at.
 */
export const documentStateSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** Whoever is in this room has a role here by it. */
  roomId: z.string().nullable(),
  ownerId: z.string(),
  createdAt: z.string(),
  /** When the content changed last, and by whom; null: never. */
  updatedAt: z.string(),
  updatedBy: personSchema.nullable(),
  /** In the trash since then. */
  trashedAt: z.string().nullable(),
  seq: seqSchema,
});
export type DocumentState = z.infer<typeof documentStateSchema>;

/** A document as one person sees it now. */
export const documentSchema = documentStateSchema.extend({
  epoch: z.string(),
  /** People who have it open at this moment, the first 20. */
  editors: z.array(personSchema),
  role: documentRoleSchema,
  isOwner: z.boolean(),
});
export type Document = z.infer<typeof documentSchema>;

/** A stretch of the document: two relative positions of Yjs, in base64url, which the server keeps and does not read. */
export const commentAnchorSchema = z.object({
  start: z.string().min(1).max(limits.commentAnchorCharacters),
  end: z.string().min(1).max(limits.commentAnchorCharacters),
});

/**
 * A comment as everyone who may see the document sees it. A deleted one is a tombstone without its text. `seq` is its
 * last change, and of two states the one with the higher `seq` is the later.
 */
export const commentSchema = z.object({
  id: z.string(),
  documentId: z.string(),
  /** The id of the first comment of its thread. */
  threadId: z.string(),
  /** Of a thread's first: what it is about. */
  anchor: commentAnchorSchema.optional(),
  /** The text that it was about when it was made. */
  quote: z.string().optional(),
  content: z.string(),
  userId: z.string(),
  username: z.string(),
  createdAt: z.string(),
  editedAt: z.string().optional(),
  resolvedAt: z.string().optional(),
  resolvedBy: personSchema.optional(),
  deleted: z.boolean().optional(),
  mentions: z.object({ users: z.array(z.string()) }).optional(),
  seq: seqSchema,
});
export type Comment = z.infer<typeof commentSchema>;

/** The whole content of a document as it was at a position of its stream. */
export const documentVersionSchema = z.object({
  id: z.string(),
  at: z.string(),
  userId: z.string(),
  username: z.string(),
  /** Absent: it was kept by itself, before an earlier one was restored. */
  name: z.string().optional(),
  seq: seqSchema,
});
export type DocumentVersion = z.infer<typeof documentVersionSchema>;

/** Where somebody is in a document, as their client says it: opaque to the server, at most 4 KiB as JSON. */
export const awarenessStateSchema = z.record(z.string(), z.unknown());

/** A Yjs client id: one editor on one device, drawn by chance. */
export const clientIdSchema = z.int().min(0).max(0xffff_ffff);

/** One editor that is in the document now. */
export const awarenessEntrySchema = personSchema.extend({ clientId: clientIdSchema, state: awarenessStateSchema });
export type AwarenessEntry = z.infer<typeof awarenessEntrySchema>;

export const documentPersonSchema = personSchema.extend({
  role: documentRoleSchema,
  /** By the document's room, and not by a role of their own here. */
  inherited: z.boolean(),
});
export type DocumentPerson = z.infer<typeof documentPersonSchema>;

/**
 * Why a document is closed for somebody: no right to it any more; another role, with which it can be joined again at
 * once; gone into the trash or for good.
 */
export const evictionCodeSchema = z.enum(["forbidden", "role_changed", "deleted"]);
export type EvictionCode = z.infer<typeof evictionCodeSchema>;
