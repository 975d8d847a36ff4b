import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Where a file is before it is one: under names of our own, on the disk where it may stay. */
export class Scratch {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Makes it ready, and clears what processes that died have left: everything that nobody has touched for so long. 0: all of
   * it, since nobody else is at work here.
   */
  async open(untouchedMs: number): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    // Files have the disk's own time.
    const before = Date.now() - untouchedMs;
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (untouchedMs === 0 || mtimeMs < before) await rm(path, { recursive: true, force: true });
    }
  }

  pathOf(key: string): string {
    return join(this.#directory, key);
  }

  /** Removes what is there under a key, and what was made beside it. */
  async clear(key: string): Promise<void> {
    for (const ending of ["", ".picture", ".thumbnail", ".preview"]) {
      await rm(`${this.pathOf(key)}${ending}`, { force: true });
    }
  }
}
