/**
 * Takes in what people send:
 *
 *   body ─▶ scratch file ─▶ what is it? ─▶ pictures made anew ─▶ blob store (durable) ─▶ its row says `stored`
 *
 * Its row is there before the first byte and says `receiving`, which nobody sees: so what a killed process leaves, scratch
 * and blobs, is found again by it, and what is on its way counts against the quota.
 */
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { limits, Refusal, type UploadedFile } from "@mirage/protocol";
import { fileTypeFromBuffer } from "file-type";
import type { Session } from "../../access/session.ts";
import type { BlobStore } from "../../ports/blob-store.ts";
import type { Clock } from "../../ports/clock.ts";
import { cleanFileName } from "./file-names.ts";
import { decideType, isPicture, looksLikeText, unknownType } from "./file-types.ts";
import { blobKey, type FileStore, type NewFile, type StoredFacts, type Thumbnail } from "./files.store.ts";
import type { PictureLab } from "./pictures.ts";
import { longestUploadMs, receiveBody } from "./receive-body.ts";
import type { Scratch } from "./scratch.ts";

export interface UploadsDeps {
  store: FileStore;
  blobs: BlobStore;
  scratch: Scratch;
  lab: PictureLab;
  clock: Clock;
  createId: () => string;
  /** Bytes; 0 for none. */
  fileSizeLimit: number;
  fileQuota: number;
  /** Counts one upload of somebody; the refusal when it is one too many. */
  spend: (userId: string) => Refusal | undefined;
  /** @throws Refusal where somebody may not edit this document. */
  requireEditor: (session: Session, documentId: string) => Promise<void>;
  /** Something was begun that did not become a file. */
  onAbandoned: () => void;
  onFault: (error: unknown) => void;
}

export interface IncomingFile {
  name: string;
  /** What the sender says of it. */
  type: string | undefined;
  size: number | undefined;
  body: Readable;
  /** The document that it is a picture for: whoever may read that may read it. */
  documentId: string | undefined;
}

/** Of all people together, on this node. */
const maxAtOnce = 64;
/** Who uploads something uses it within a day. */
const unusedMs = 24 * 3_600_000;
/** The edit that shows a picture may have been made offline. */
const unwrittenMs = 7 * 24 * 3_600_000;
/** Nobody works on an upload for so long after the last byte. */
const graceMs = 3_600_000;
/** Without a limit to the size there is none to the time, but a row has to say something. */
const unlimitedMs = 24 * 3_600_000;
const headBytes = 64 * 1024;
const noPicture = "Only pictures can be put into a document: PNG, JPEG, GIF, WebP or AVIF";

export class Uploads {
  readonly #deps: UploadsDeps;
  readonly #running = new Map<string, number>();
  #count = 0;

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
  }

  /**
   * Keeps a file for its uploader, who may then hang it on a message; or a picture for a document.
   * @throws Refusal `too_large` (the file, or all of one's files), `bad_request`, `not_found`, `forbidden`, `rate_limited`,
   *   `overloaded`; TooSlow
   */
  async receive(session: Session, incoming: IncomingFile): Promise<UploadedFile> {
    this.#requireFitting(incoming.size);
    if (incoming.documentId !== undefined) await this.#deps.requireEditor(session, incoming.documentId);
    this.#requireTurn(session.userId);
    this.#enter(session.userId);
    try {
      return await this.#receive(session.userId, incoming);
    } finally {
      this.#leave(session.userId);
    }
  }

  #requireFitting(size: number | undefined): void {
    const { fileSizeLimit } = this.#deps;
    if (fileSizeLimit > 0 && (size ?? 0) > fileSizeLimit) throw this.#tooLarge();
  }

  #requireTurn(userId: string): void {
    if (this.#count >= maxAtOnce)
      throw new Refusal("overloaded", "Too many uploads; try again", { retryAfterMs: 5_000 });
    if ((this.#running.get(userId) ?? 0) >= limits.uploadsAtOnce) {
      throw new Refusal("rate_limited", `At most ${limits.uploadsAtOnce} uploads at once`, { retryAfterMs: 1_000 });
    }
    const limited = this.#deps.spend(userId);
    if (limited) throw limited;
  }

  #enter(userId: string): void {
    this.#count++;
    this.#running.set(userId, (this.#running.get(userId) ?? 0) + 1);
  }

  #leave(userId: string): void {
    this.#count--;
    const left = (this.#running.get(userId) ?? 1) - 1;
    if (left > 0) this.#running.set(userId, left);
    else this.#running.delete(userId);
  }

  async #receive(userId: string, incoming: IncomingFile): Promise<UploadedFile> {
    const { store, clock, createId, fileSizeLimit, fileQuota, onAbandoned, onFault } = this.#deps;
    const file = {
      id: createId(),
      userId,
      name: cleanFileName(incoming.name),
      size: incoming.size ?? 0,
      storageKey: randomBytes(16).toString("hex"),
      documentId: incoming.documentId,
    };
    const at = clock.now();
    const removeAt = new Date(at + (longestUploadMs(fileSizeLimit) ?? unlimitedMs) + graceMs);
    if (!(await store.reserve({ ...file, at: new Date(at), removeAt }, fileQuota))) throw quotaFull();
    try {
      return await this.#keep(file, incoming);
    } catch (error) {
      // If this cannot be said now, the row says by itself when it is to go.
      await store.abandon(file.id, new Date(clock.now())).then(onAbandoned, onFault);
      throw error;
    }
  }

  async #keep(file: NewFile, incoming: IncomingFile): Promise<UploadedFile> {
    const { store, scratch, clock, fileSizeLimit, fileQuota } = this.#deps;
    const path = scratch.pathOf(file.storageKey);
    try {
      const size = await receiveBody(incoming.body, path, {
        clock,
        maxBytes: fileSizeLimit,
        declaredBytes: incoming.size,
        refusal: () => this.#tooLarge(),
      });
      const facts = await this.#store(path, { ...file, size, declared: incoming.type });
      const removeAt = new Date(clock.now() + (file.documentId === undefined ? unusedMs : unwrittenMs));
      if (!(await store.finish({ ...facts, userId: file.userId, removeAt }, fileQuota))) throw quotaFull();
      return describe(file.name, facts);
    } finally {
      await scratch.clear(file.storageKey);
    }
  }

  /** Finds out what it is and hands its bytes, or those of the picture made of it, to the store. */
  async #store(path: string, file: NewFile & { declared: string | undefined }): Promise<StoredFacts> {
    const { blobs, lab } = this.#deps;
    const { id, storageKey, size, declared, documentId } = file;
    const type = await readType(path, size, declared);
    const picture = isPicture(type) ? await lab.develop(path, type) : undefined;
    if (documentId !== undefined && !picture) throw new Refusal("bad_request", noPicture);
    const thumbnails: Thumbnail[] = [];
    for (const { path: from, ...thumbnail } of picture?.thumbnails ?? []) {
      await blobs.put(blobKey(storageKey, thumbnail.variant), from);
      thumbnails.push(thumbnail);
    }
    await blobs.put(blobKey(storageKey, "original"), picture?.path ?? path);
    const { width, height } = picture ?? {};
    const isBroken = isPicture(type) && !picture;
    return { id, type: isBroken ? unknownType : type, size: picture?.size ?? size, width, height, thumbnails };
  }

  #tooLarge(): Refusal {
    return new Refusal("too_large", `File too large: at most ${sayBytes(this.#deps.fileSizeLimit)}`);
  }
}

async function readType(path: string, size: number, declared: string | undefined): Promise<string> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(headBytes, size)));
    const head = buffer.subarray(0, bytesRead);
    const sniffed = await fileTypeFromBuffer(head).catch(() => undefined);
    return decideType({ declared, sniffed: sniffed?.mime, isText: looksLikeText(head, bytesRead === size) });
  } finally {
    await handle.close();
  }
}

function sayBytes(bytes: number): string {
  return bytes >= 1024 ** 2 ? `${Math.floor(bytes / 1024 ** 2)} MiB` : `${bytes} bytes`;
}

function quotaFull(): Refusal {
  return new Refusal("too_large", "There is no room for this file: all of your files together may have no more bytes");
}

function describe(name: string, { id, type, size, width, height, thumbnails }: StoredFacts): UploadedFile {
  return {
    id,
    name,
    type,
    size,
    ...(width === undefined || height === undefined ? {} : { width, height }),
    ...(thumbnails.length > 0
      ? { thumbnails: thumbnails.map((small) => ({ width: small.width, height: small.height })) }
      : {}),
  };
}
