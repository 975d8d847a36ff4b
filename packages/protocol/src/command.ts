import type { z } from "zod";
import type { ErrorCode } from "./errors.ts";

/**
 * Kinds of limit a command counts against, beside the ceiling on all events of a connection.
 * `perUser` numbers are points for each window; `message` is the host's `CHAT_RATE_LIMIT`.
 */
export const limitClasses = {
  none: undefined,
  message: undefined,
  typing: { points: 20, windowMs: 10_000 },
  reaction: { points: 100, windowMs: 10_000 },
  history: { points: 50, windowMs: 10_000 },
  search: { points: 20, windowMs: 10_000 },
  rooms: { points: 100, windowMs: 10_000 },
  presence: { points: 20, windowMs: 10_000 },
  notifications: { points: 100, windowMs: 10_000 },
  documents: { points: 100, windowMs: 10_000 },
  updates: { points: 300, windowMs: 10_000 },
  cursors: { points: 300, windowMs: 10_000 },
  versions: { points: 20, windowMs: 10_000 },
  comments: { points: 60, windowMs: 60_000 },
  upload: { points: 20, windowMs: 60_000 },
  push_test: { points: 5, windowMs: 60_000 },
  email: { points: 5, windowMs: 3_600_000 },
  invite: { points: 20, windowMs: 3_600_000 },
} as const satisfies Record<string, { points: number; windowMs: number } | undefined>;

export type LimitClass = keyof typeof limitClasses;

/** Parts of the product that a host can switch off; a command of a part that is off answers `disabled`. */
export type Feature = "core" | "chat" | "notifications" | "documents";

/** One command, declared once: types, handlers, REST, metric labels, documentation and fuzz inputs follow from it. */
export interface Command<Input extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  /** One sentence for the documentation. */
  summary: string;
  feature: Feature;
  /** The protocol version that brought it. */
  since: number;
  input: Input;
  reply: Reply;
  /** Codes it may answer beside those that any command may (`commonErrors`). */
  errors: readonly ErrorCode[];
  limit: LimitClass;
  /** Needs a live connection, or carries bytes, so it is not served over REST. */
  socketOnly?: boolean;
  /** Fields of the input that are bytes: an attachment may stand there and nowhere else. */
  bytesIn?: readonly string[];
  /** Fields of the reply that are bytes, and travel as attachments. */
  bytesOut?: readonly string[];
  /** A bare string is taken as this field, as older clients send it. */
  bareField?: string;
  /** The message of a fault, where clients already show one. */
  faultMessage?: string;
}

/** Codes any command may answer. */
export const commonErrors = [
  "bad_request",
  "unauthenticated",
  "too_large",
  "rate_limited",
  "disabled",
  "overloaded",
  "unavailable",
  "internal",
] as const satisfies readonly ErrorCode[];

/** Keeps the literal types of a declaration. */
export function command<Input extends z.ZodType, Reply extends z.ZodType>(
  declaration: Command<Input, Reply>,
): Command<Input, Reply> {
  return declaration;
}
