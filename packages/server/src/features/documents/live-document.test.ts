import { expect, test } from "vitest";
import * as Y from "yjs";
import { LiveDocument } from "./live-document.ts";

test("[DOC-1] a copy holds what was stored and deletes nothing by itself, also where two made the same words bold", () => {
  const paragraph = (doc: Y.Doc): Y.XmlText => doc.getXmlFragment("page").get(0) as Y.XmlText;
  const first = new Y.Doc();
  first.getXmlFragment("page").insert(0, [new Y.XmlText("bold words")]);
  const written = Y.encodeStateAsUpdate(first);
  const copy = new LiveDocument("d", { position: 1, states: [written], clients: [], snapshotBytes: 0 });
  const docs = [new Y.Doc(), new Y.Doc()];
  for (const doc of docs) Y.applyUpdate(doc, written);
  const before = Y.encodeStateVector(first);
  for (const doc of docs) paragraph(doc).format(0, 4, { bold: true });
  const updates = docs.map((doc) => Y.encodeStateAsUpdate(doc, before));
  updates.forEach((update, at) => void copy.apply(at + 2, { update, userId: "ann" }));
  expect(Y.decodeUpdate(copy.encodeSince()).ds.clients.size).toBe(0);
});
