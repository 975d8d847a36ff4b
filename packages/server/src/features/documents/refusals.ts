import { type ErrorCode, Refusal } from "@mirage/protocol";
import type { DocumentOutcome } from "./lane/items.ts";

type Refused = Exclude<DocumentOutcome["status"], "ok">;

const refusals = {
  not_found: ["not_found", "Document not found"],
  // Judged again and again while something kept changing: the caller may try once more.
  stale: ["unavailable", "The document is changing; try again"],
  client_id_taken: ["client_id_taken", "This client id belongs to somebody else; draw another one"],
  not_trashed: ["conflict", "Only what is in the trash can be deleted for good"],
} as const satisfies Record<Refused, readonly [ErrorCode, string]>;

/** The outcome of a change that was made. @throws Refusal for one that was not. */
export function requireDone(outcome: DocumentOutcome): Extract<DocumentOutcome, { status: "ok" }> {
  if (outcome.status === "ok") return outcome;
  const [code, message] = refusals[outcome.status];
  throw new Refusal(code, message, code === "unavailable" ? { retryAfterMs: 200 } : {});
}

export function documentFull(): Refusal {
  return new Refusal("document_full", "The document is as large as one may be; delete something, or begin another one");
}

export function badUpdate(reason: string): Refusal {
  return new Refusal("bad_update", `This update cannot be taken: ${reason}; join the document again`);
}
