import { systemClock } from "../../adapters/system-clock.ts";
import type { Database } from "../../database/database.ts";
import { Background } from "./background/background.ts";
import { Compaction } from "./compaction.ts";
import { ContentStore } from "./content.store.ts";
import { LiveDocument } from "./live-document.ts";

/** For tests: a document as another node would find it in the database. */
export async function rebuildDocument(
  database: Database,
  documentId: string,
  onFault = failing,
): Promise<LiveDocument> {
  const stored = await new ContentStore({ database, onFault }).read(documentId);
  if (!stored) throw new Error("there is no such document");
  return new LiveDocument(documentId, stored);
}

/** For tests: compacts a document as another node would. */
export async function compactDocument(database: Database, documentId: string): Promise<void> {
  const background = new Background(systemClock);
  const content = new ContentStore({ database, onFault: failing });
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const documents = { find: () => undefined };
  const onCompacted = (): void => undefined;
  const compaction = new Compaction({ content, documents, background, clock: systemClock, onCompacted, onFault });
  compaction.request(documentId);
  await compaction.idle();
  await background.close();
  if (faults.length > 0) throw faults[0];
}

function failing(error: unknown): void {
  throw error;
}
