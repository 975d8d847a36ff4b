import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { BlobStore, ByteRange } from "./blob-store.ts";

/** What every blob store keeps; `reopen` gives the same blobs to another process. */
export function describeBlobStore(
  name: string,
  make: () => Promise<{ store: BlobStore; reopen: () => Promise<BlobStore>; scratchDir: string }>,
): void {
  const newKey = () => randomBytes(16).toString("hex");
  const readAll = async (store: BlobStore, key: string, range?: ByteRange) => {
    const stream = await store.read(key, range);
    return stream && (await buffer(stream));
  };
  const write = (dir: string, bytes: Buffer): string => {
    const path = join(dir, newKey());
    writeFileSync(path, bytes);
    return path;
  };

  describe(`[FILE-1] blob store: ${name}`, () => {
    it("gives back what was put, whole and in part, also to the next process", async () => {
      const { store, reopen, scratchDir } = await make();
      const bytes = randomBytes(300_000);
      const [key, path] = [newKey(), write(scratchDir, bytes)];
      await store.put(key, path);
      expect(existsSync(path)).toBe(false);
      expect(await readAll(store, key)).toEqual(bytes);
      expect(await readAll(store, key, { first: 0, last: 0 })).toEqual(bytes.subarray(0, 1));
      expect(await readAll(store, key, { first: 1_000, last: 299_999 })).toEqual(bytes.subarray(1_000));
      expect(await readAll(await reopen(), key)).toEqual(bytes);
    });

    it("keeps an empty blob, and replaces one", async () => {
      const { store, scratchDir } = await make();
      const key = newKey();
      await store.put(key, write(scratchDir, Buffer.alloc(0)));
      expect(await readAll(store, key)).toEqual(Buffer.alloc(0));
      await store.put(key, write(scratchDir, Buffer.from("second")));
      expect(String(await readAll(store, key))).toBe("second");
    });

    it("removes what is there, and takes what is not for removed", async () => {
      const { store, scratchDir } = await make();
      const keys = [newKey(), newKey(), newKey()];
      for (const key of keys.slice(0, 2)) await store.put(key, write(scratchDir, Buffer.from("x")));
      await store.remove(keys);
      await store.remove([]);
      for (const key of keys) expect(await store.read(key)).toBeUndefined();
    });

    it("finds nothing under a key that nobody put, and refuses one that is no key", async () => {
      const { store, scratchDir } = await make();
      expect(await store.read(newKey())).toBeUndefined();
      for (const key of ["", "../secrets.json", "a/b", "a".repeat(65), `${newKey()}\u0000`, `..${newKey()}`]) {
        await expect(store.read(key)).rejects.toThrow(/key/);
        await expect(store.put(key, write(scratchDir, Buffer.from("x")))).rejects.toThrow(/key/);
      }
    });

    it("fails where there is nothing to take over", async () => {
      const { store, scratchDir } = await make();
      const key = newKey();
      await expect(store.put(key, join(scratchDir, "nothing"))).rejects.toThrow();
      expect(await store.read(key)).toBeUndefined();
    });
  });
}
