import { Refusal } from "@mirage/protocol";
import { DatabaseError } from "../database/database.ts";

/** A statement ran out of its time (`query_canceled`). */
const tookTooLong = "57014";

/**
 * What a caller is told about anything that was thrown: a refusal as it is, a lost database or a statement that took too
 * long as `unavailable`, a full one as `overloaded`, and every fault as `internal` with nothing of its inside.
 */
export function toRefusal(error: unknown, faultMessage?: string): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof DatabaseError) {
    if (error.connectionLost || error.sqlState === tookTooLong)
      return new Refusal("unavailable", faultMessage ?? "Service unavailable", { retryAfterMs: 1_000 });
    if (error.sqlState?.startsWith("53"))
      return new Refusal("overloaded", faultMessage ?? "Service overloaded", { retryAfterMs: 1_000 });
  }
  return new Refusal("internal", faultMessage ?? "Internal error");
}
