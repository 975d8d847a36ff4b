import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { BlobStore, ByteRange } from "../ports/blob-store.ts";

/**
 * Blobs as files: `<directory>/<first two characters of the key>/<key>`, for their owner alone. What `put` takes over has to
 * be on the same disk. Several nodes may share the directory.
 */
export class DiskBlobStore implements BlobStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
  }

  async put(key: string, path: string): Promise<void> {
    const folder = this.#folderOf(key);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // In this order, or a machine that stops could keep the name and lose the bytes.
    await syncToDisk(path);
    await rename(path, join(folder, key));
    await syncToDisk(folder);
  }

  async read(key: string, range?: ByteRange): Promise<Readable | undefined> {
    const path = join(this.#folderOf(key), key);
    try {
      const handle = await open(path, "r");
      return createReadStream(path, { fd: handle, ...(range ? { start: range.first, end: range.last } : {}) });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rm(join(this.#folderOf(key), key), { force: true });
  }

  #folderOf(key: string): string {
    if (!/^[a-z0-9][a-z0-9-]{31,63}$/.test(key)) throw new Error("unable to use this as the key of a blob");
    return join(this.#directory, key.slice(0, 2));
  }
}

async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
