import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";

/**
 * Answers one update with the content of many. What was deleted is left out of it, which merging the bytes would not do;
 * updates that wait for others stay in it.
 */
export function mergeContent(updates: readonly Uint8Array[]): Uint8Array {
  const doc = new Doc();
  doc.transact(() => {
    for (const update of updates) applyUpdate(doc, update);
  });
  const merged = encodeStateAsUpdate(doc);
  doc.destroy();
  return merged;
}
