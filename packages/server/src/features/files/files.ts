import type { Readable } from "node:stream";
import { type Attachment, type DocumentRole, type FileUrl, Refusal } from "@mirage/protocol";
import type { AttachmentSource, WantedAttachment } from "../../access/attachments.ts";
import type { Session } from "../../access/session.ts";
import type { BlobStore, ByteRange } from "../../ports/blob-store.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AddressedFile, FileAddresses, Variant } from "./file-addresses.ts";
import { isShown } from "./file-types.ts";
import { type FileHome, mayRead } from "./files.policy.ts";
import { blobKey, type FileRow, type FileStore, type ReadableRow } from "./files.store.ts";

export interface FilesDeps {
  store: FileStore;
  blobs: BlobStore;
  addresses: FileAddresses;
  clock: Clock;
  /** What somebody may do with a document; null where they may not see it. */
  documentRoleOf: (session: Session, documentId: string) => Promise<DocumentRole | null>;
}

/** A file, or a small picture of it, that whoever asks has a valid address of. */
export interface Download {
  name: string;
  type: string;
  /** A browser may show it where it is; else it is saved. */
  isShown: boolean;
  /** Changes with the bytes. */
  tag: string;
  /** Milliseconds since 1970: until then the address is valid. */
  expiresAtMs: number;
  size: number;
  open(range?: ByteRange): Promise<Readable | undefined>;
}

/** What is kept: where it can be had, by whom, and what it is on a message. */
export class Files implements AttachmentSource {
  readonly #deps: FilesDeps;

  constructor(deps: FilesDeps) {
    this.#deps = deps;
  }

  /** Addresses of those that somebody may read, in the order asked for; two queries, however many. */
  async listUrls(session: Session, ids: readonly string[]): Promise<FileUrl[]> {
    const { store, addresses, clock } = this.#deps;
    const rows = new Map((await store.listReadable(session.userId, ids)).map((row) => [row.id, row]));
    const roles = await this.#rolesOf(session, [...rows.values()]);
    const expiresAtMs = addresses.expiryOf(clock.now());
    return [...new Set(ids)].flatMap((id) => {
      const row = rows.get(id);
      if (!row) return [];
      const home = homeOf(row, { session, roles });
      if (!mayRead(session.userId, { ownerId: row.user_id, isThere: isThere(row), home })) return [];
      const has = new Set(row.thumbnails.map(({ variant }) => variant));
      const write = (variant: Variant) => addresses.write(id, variant, expiresAtMs);
      return {
        fileId: id,
        url: write("original"),
        ...(has.has("thumbnail") ? { thumbnailUrl: write("thumbnail") } : {}),
        ...(has.has("preview") ? { previewUrl: write("preview") } : {}),
        expiresAt: new Date(expiresAtMs).toISOString(),
      };
    });
  }

  /** What somebody may do with the documents of these files. */
  async #rolesOf(session: Session, rows: readonly ReadableRow[]): Promise<Map<string, DocumentRole | null>> {
    const ids = new Set(rows.flatMap(({ document_id: id }) => (id === null ? [] : [id])));
    const entry = async (id: string) => [id, await this.#deps.documentRoleOf(session, id)] as const;
    return new Map(await Promise.all([...ids].map(entry)));
  }

  async describe(userId: string, wanted: readonly WantedAttachment[]): Promise<Attachment[]> {
    const ids = wanted.map(({ fileId }) => fileId);
    if (new Set(ids).size < ids.length) throw new Refusal("bad_request", "Each file is attached once");
    const rows = new Map((await this.#deps.store.listOwn(userId, ids)).map((row) => [row.id, row]));
    return wanted.map(({ fileId, alt }) => {
      const row = rows.get(fileId);
      if (!row) throw new Refusal("not_found", "Attachment not found");
      const { id, name, type, size, width, height } = row;
      const box = width === null || height === null ? {} : { width, height };
      return { id, name, type, size, ...box, ...(alt === undefined ? {} : { alt }) };
    });
  }

  /** What an address leads to; undefined where it is not ours, has expired, or what it leads to is nobody's any more. */
  async find(address: AddressedFile): Promise<Download | undefined> {
    const { store, addresses, clock } = this.#deps;
    const variant = addresses.check(address, clock.now());
    const row = variant && (await store.find(address.fileId));
    return row && isThere(row) ? await this.#download(row, variant, Number(address.expires) * 1_000) : undefined;
  }

  async #download(row: FileRow, variant: Variant, expiresAtMs: number): Promise<Download | undefined> {
    const key = blobKey(row.storage_key, variant);
    const small = row.thumbnails.find((thumbnail) => thumbnail.variant === variant);
    if (variant !== "original" && !small) return undefined;
    const type = small ? "image/webp" : row.type;
    const size = small ? small.size : row.size;
    const open = (range?: ByteRange) => this.#deps.blobs.read(key, range);
    return { name: row.name, type, isShown: isShown(type), tag: key, expiresAtMs, size, open };
  }
}

function isThere(row: FileRow): boolean {
  return row.state === "stored" && !row.is_deleted;
}

function homeOf(
  row: ReadableRow,
  { session, roles }: { session: Session; roles: ReadonlyMap<string, DocumentRole | null> },
): FileHome {
  if (row.document_id !== null) return { of: "document", role: roles.get(row.document_id) ?? null };
  if (row.message_id === null) return { of: "uploader" };
  const { role, room_type: roomType, is_archived: isArchived } = row;
  if (roomType === null) return { of: "message", standing: undefined };
  return { of: "message", standing: { role, roomType, isArchived: isArchived === true, isAdmin: session.isAdmin } };
}
