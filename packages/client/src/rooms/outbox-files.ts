import type { Files } from "../files/files.ts";
import { RealtimeError } from "../lib/error.ts";
import type { OutboxAttachment, OutboxEntry, OutboxStorage } from "./outbox-storage.ts";
import type { DraftAttachment } from "./room-handle.ts";

/** What is larger is not kept on the device, so it does not survive a reload. */
const maxKeptBytes = 25 * 1024 * 1024;

/** The files of messages that wait: their uploads, and their bytes while these are not on the server. */
export class OutboxFiles {
  readonly #files: Pick<Files, "find" | "restore" | "drop">;

  constructor(files: Pick<Files, "find" | "restore" | "drop">) {
    this.#files = files;
  }

  describe(attachments: readonly DraftAttachment[]): OutboxAttachment[] {
    return attachments.map(({ upload, alt, width, height }) => {
      const state = upload.state.get();
      return {
        uploadId: upload.id,
        name: upload.name,
        type: upload.blob.type,
        size: upload.blob.size,
        ...(alt === undefined || alt === "" ? {} : { alt }),
        ...(width === undefined || height === undefined ? {} : { width, height }),
        ...(state.status === "done" ? { fileId: state.file.id } : {}),
      };
    });
  }

  /** Keeps the bytes of what is not on the server yet. Where there is no place for them, the upload goes on all the same. */
  async keep(attachments: readonly OutboxAttachment[], storage: OutboxStorage): Promise<void> {
    for (const { uploadId, fileId, size } of attachments) {
      const upload = this.#files.find(uploadId);
      if (fileId !== undefined || !upload || size > maxKeptBytes) continue;
      await storage.putFile(uploadId, upload.blob).catch(() => undefined);
    }
  }

  /**
   * Waits until all files of an entry are on the server, beginning again what has failed.
   * @throws RealtimeError of the first that cannot be; not worth trying again where its bytes are gone
   */
  async finish(entry: OutboxEntry, storage: OutboxStorage): Promise<OutboxEntry> {
    const attachments = await Promise.all(
      (entry.attachments ?? []).map(async (attachment): Promise<OutboxAttachment> => {
        if (attachment.fileId !== undefined) return attachment;
        const upload = this.#files.find(attachment.uploadId) ?? (await this.#restore(attachment, storage));
        const { id: fileId, ...facts } = await upload.finish();
        const { type, width, height } = facts;
        return { ...attachment, fileId, type, ...(width && height ? { width, height } : {}) };
      }),
    );
    return { ...entry, attachments };
  }

  /** The message is there, or was dropped. */
  async release(entry: OutboxEntry, storage: OutboxStorage): Promise<void> {
    for (const { uploadId } of entry.attachments ?? []) {
      this.#files.drop(uploadId);
      await storage.removeFile(uploadId).catch(() => undefined);
    }
  }

  async #restore({ uploadId, name }: OutboxAttachment, storage: OutboxStorage) {
    const blob = await storage.getFile(uploadId).catch(() => undefined);
    if (blob) return this.#files.find(uploadId) ?? this.#files.restore(uploadId, blob, name);
    throw new RealtimeError("unavailable", `${name} is no longer on this device; attach it again`, {
      retryable: false,
    });
  }
}
