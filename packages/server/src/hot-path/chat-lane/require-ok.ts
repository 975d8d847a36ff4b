import { Refusal } from "@mirage/protocol";
import type { ChatOutcome } from "./items.ts";

type Ok = Extract<ChatOutcome, { status: "ok" }>;
type Refused = Exclude<ChatOutcome["status"], "ok" | "duplicate">;

const refusals = {
  not_found: ["not_found", "Not found"],
  // Judged again and again while rights kept changing: the caller may try once more.
  stale: ["unavailable", "The room is changing; try again"],
  nonce_conflict: ["nonce_conflict", "This nonce was used for another message"],
  reference_not_found: ["not_found", "The message referred to was not found in this room"],
  file_not_found: ["not_found", "Attachment not found"],
  too_many: ["conflict", "This message has as many different reactions as it may have"],
  last_owner: ["conflict", "A room keeps at least one owner; make someone else owner first"],
  invite_void: ["not_found", "This invite does not exist or has ended"],
} as const satisfies Record<Refused, readonly [Refusal["code"], string]>;

/** The outcome of a change that was made. @throws Refusal for one that was not. */
export function requireOk(outcome: ChatOutcome): Ok {
  if (outcome.status === "ok") return outcome;
  if (outcome.status === "duplicate") return { status: "ok", message: outcome.message };
  const [code, message] = refusals[outcome.status];
  throw new Refusal(code, message);
}
