import type { FakeClock } from "@mirage/testing/fake-clock";
import type { DocumentHandle, Documents } from "../documents/index.ts";
import { type DocumentsOptions, openDocuments } from "../documents/index.ts";
import type { Realtime } from "../realtime.ts";
import type { FakeServer } from "./fake-server.ts";
import { startClient } from "./test-client.ts";

/** A page with one document open. */
export interface TestPage {
  realtime: Realtime;
  clock: FakeClock;
  documents: Documents;
  handle: DocumentHandle;
  close(): void;
}

export interface PageOptions extends DocumentsOptions {
  documentId?: string;
}

/** Opens a page of somebody with a document in it, on a clock of its own. */
export async function openPage(server: FakeServer, userId: string, options: PageOptions = {}): Promise<TestPage> {
  const { realtime, clock } = await startClient(server, userId);
  const documents = openDocuments(realtime, { storage: "memory", userId, clock, random: () => 0.5, ...options });
  const handle = documents.open(options.documentId ?? "plan");
  await server.settle();
  return {
    realtime,
    clock,
    documents,
    handle,
    close: () => {
      documents.close();
      realtime.close();
    },
  };
}

/** What is written in it. */
export function textOf({ doc }: Pick<DocumentHandle, "doc">): string {
  return doc.getText("content").toString();
}

/** Writes at the end, as one edit. */
export function write({ doc }: Pick<DocumentHandle, "doc">, text: string): void {
  doc.getText("content").insert(doc.getText("content").length, text);
}
