import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { describeBlobStore } from "../ports/blob-store.contract.ts";
import { DiskBlobStore } from "./disk-blob-store.ts";

const dirs: string[] = [];
const makeDir = () => {
  const dir = mkdtempSync(join(tmpdir(), "mirage-blobs-"));
  dirs.push(dir);
  return dir;
};
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const openAt = async (dir: string) => {
  const store = new DiskBlobStore(dir);
  await store.open();
  return store;
};

describeBlobStore("disk", async () => {
  const dir = join(makeDir(), "files");
  return { store: await openAt(dir), reopen: () => openAt(dir), scratchDir: makeDir() };
});

test("[S61] what is kept on the disk is for its owner alone", async () => {
  const dir = join(makeDir(), "files");
  const store = await openAt(dir);
  const path = join(makeDir(), "x");
  writeFileSync(path, "x", { mode: 0o600 });
  await store.put("0".repeat(32), path);
  const modes = [dir, join(dir, "00"), join(dir, "00", "0".repeat(32))].map((at) => statSync(at).mode & 0o777);
  expect(modes).toEqual([0o700, 0o700, 0o600]);
});
