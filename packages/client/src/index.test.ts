import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, it } from "vitest";

/** What a file loads, and what those load, of this package; and every other package by its name. */
function loadedBy(path: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(path)) return loaded;
  loaded.add(path);
  const imports = /^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gm;
  for (const [, name = ""] of readFileSync(path, "utf8").matchAll(imports)) {
    if (name.startsWith(".")) loadedBy(resolve(dirname(path), name), loaded);
    else loaded.add(name);
  }
  return loaded;
}

it("[CLI-27] the main entry loads nothing of documents, whose own entry brings Yjs", () => {
  const isOfDocuments = (name: string) => /\/documents\/|^yjs|^y-protocols/.test(name);
  const chat = [...loadedBy(resolve(import.meta.dirname, "index.ts"))];
  expect(chat.length).toBeGreaterThan(30);
  expect(chat.filter(isOfDocuments)).toEqual([]);
  expect([...loadedBy(resolve(import.meta.dirname, "documents/index.ts"))]).toContain("yjs");
});
