import type { Readable } from "node:stream";

/** Bytes to read of a blob, both ends counted in. */
export interface ByteRange {
  first: number;
  last: number;
}

/** Keeps the bytes of files under keys that we make: 32 to 64 characters of `a-z`, `0-9` and `-`, never anything that a person wrote. */
export interface BlobStore {
  /** Makes it ready for use. @throws where nothing can be kept there */
  open(): Promise<void>;
  /**
   * Takes over the file at `path`, which is gone from there afterwards. When it resolves, the blob is whole and durable; when
   * the process dies before, there is none under the key. Another blob under the same key is replaced.
   */
  put(key: string, path: string): Promise<void>;
  /** Reads a blob, or a part of it; undefined where there is none. Whoever reads it closes it. */
  read(key: string, range?: ByteRange): Promise<Readable | undefined>;
  /** Removes blobs; one that is not there counts as removed. */
  remove(keys: readonly string[]): Promise<void>;
}
