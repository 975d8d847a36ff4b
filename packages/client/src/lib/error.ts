import { type ErrorBody, type ErrorCode, errorCodes, type Issue } from "@mirage/protocol/errors";

/**
 * Why something was not done: a code of the server's table, or one of the client's own.
 * `timeout`: no answer in time; whether it was done is not known. `disconnected`: the connection was lost before the
 * answer. `closed`: the client was closed. The first two are worth trying again.
 */
export type RealtimeErrorCode = ErrorCode | "timeout" | "disconnected" | "closed";

/** What every promise of the client rejects with. */
export class RealtimeError extends Error {
  override readonly name = "RealtimeError";
  readonly code: RealtimeErrorCode;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds to wait before trying again, where the server said so. */
  readonly retryAfterMs: number | undefined;
  /** What was wrong with the input, field by field. */
  readonly issues: readonly Issue[];

  constructor(
    code: RealtimeErrorCode,
    message: string,
    details: { retryable?: boolean; retryAfterMs?: number | undefined; issues?: readonly Issue[] | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.retryable = details.retryable ?? isRetryable(code);
    this.retryAfterMs = details.retryAfterMs;
    this.issues = details.issues ?? [];
  }
}

/** Why something was refused, as it can be shown. */
export interface Failure {
  code: RealtimeErrorCode;
  message: string;
}

/** What of an error can be shown and kept. */
export function failureOf(error: unknown): Failure {
  const { code, message } = asRealtimeError(error);
  return { code, message };
}

/** Whatever was thrown, as one of the client's errors: what is none of them counts as `internal`. */
export function asRealtimeError(error: unknown): RealtimeError {
  if (error instanceof RealtimeError) return error;
  return new RealtimeError("internal", error instanceof Error ? error.message : String(error));
}

/** Reads a refusal as it travels; anything unreadable counts as `internal`. */
export function errorFromBody(body: Partial<ErrorBody> | undefined): RealtimeError {
  const code = body?.code !== undefined && body.code in errorCodes ? body.code : "internal";
  return new RealtimeError(code, body?.message ?? "Unreadable answer", {
    ...(body?.retryable === undefined ? {} : { retryable: body.retryable }),
    retryAfterMs: body?.retryAfterMs,
    issues: body?.issues,
  });
}

function isRetryable(code: RealtimeErrorCode): boolean {
  if (code === "timeout" || code === "disconnected") return true;
  return code !== "closed" && errorCodes[code].retryable;
}
