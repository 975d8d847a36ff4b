import { failureOf } from "../lib/error.ts";
import type { DocumentState, SaveState } from "./document-handle.ts";
import type { DocumentFacts } from "./document-storage.ts";
import type { SyncState } from "./sync-machine.ts";

/** What to show of a document that is being kept in step. */
export function viewDocument(sync: SyncState, facts: Partial<DocumentFacts>): DocumentState {
  const role = sync.role ?? facts.role;
  const { error } = sync;
  return {
    ...(facts.document ? { document: facts.document } : {}),
    ...(role ? { role } : {}),
    phase: phaseOf(sync),
    ...(error ? { error: failureOf(error) } : {}),
    save: saveOf(sync),
  };
}

/** Joining again on a connection that holds is no news; what is kept is shown as such only once nothing newer is near. */
function phaseOf({ status, isUnreachable, hasCopy, hasJoined }: SyncState): DocumentState["phase"] {
  if (status === "refused") return "refused";
  if (isUnreachable) return hasCopy ? "offline" : "loading";
  return hasJoined ? "live" : "loading";
}

function saveOf({ status, isUnreachable, queue }: SyncState): SaveState {
  const pending = queue.length;
  if (pending === 0) return { kind: "saved", pending };
  return { kind: isUnreachable || status === "refused" ? "offline" : "saving", pending };
}
