/** What may be done to one message, by whom. Each function throws the refusal, or says nothing. */
import { messages, Refusal } from "@mirage/protocol";
import { type Action, can, requireVerdict, type Standing, type Verdict } from "../../access/rights.ts";

/** What the rules look at of a message. */
export interface MessageFacts {
  readonly authorId: string;
  readonly type: string;
  readonly isDeleted: boolean;
}

/** Only the author edits, whatever the role: nobody puts words into another's mouth. */
export function requireEdit(userId: string, standing: Standing, message: MessageFacts): void {
  requireVisible(standing, message);
  if (message.authorId !== userId || message.type === "system") throw new Refusal("forbidden", messages.editDenied);
  requireVerdict(can("editOwn", standing), "Message");
}

/** Deleting what is deleted already is a no-op, so a tombstone is not refused here. */
export function requireDeletion(userId: string, standing: Standing, message: MessageFacts): void {
  requireReadable(standing);
  const isOwn = message.authorId === userId && message.type !== "system";
  requireVerdict(can(isOwn ? "deleteOwn" : "deleteAny", standing), "Message");
}

export function requireReaction(standing: Standing, message: MessageFacts): void {
  requireChange("react", standing, message);
}

export function requirePin(standing: Standing, message: MessageFacts): void {
  requireChange("pin", standing, message);
}

/** `@everyone` and `@here` without the right are ordinary words: the message is posted and calls nobody. */
export function grantedCalls<Calls extends { everyone: boolean; here: boolean }>(
  standing: Standing,
  calls: Calls,
): { everyone: boolean; here: boolean } {
  const mayCall = can("mentionAll", standing) === "yes";
  return { everyone: mayCall && calls.everyone, here: mayCall && calls.here };
}

function requireChange(action: Action, standing: Standing, message: MessageFacts): void {
  requireVisible(standing, message);
  requireVerdict(can(action, standing), "Message");
}

function requireVisible(standing: Standing, message: MessageFacts): void {
  requireReadable(standing);
  if (message.isDeleted) requireVerdict("not_found", "Message");
}

function requireReadable(standing: Standing): void {
  const verdict: Verdict = can("read", standing);
  requireVerdict(verdict, "Message");
}
