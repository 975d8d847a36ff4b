import postgres from "postgres";
import { DatabaseError } from "./database.ts";

/** What the driver throws, as our error. Whatever goes wrong while `connecting` counts as a lost connection. */
export function toDatabaseError(error: unknown, phase: "connecting" | "running"): DatabaseError {
  if (error instanceof DatabaseError) return error;
  if (error instanceof postgres.PostgresError) {
    return new DatabaseError(error.message, {
      sqlState: error.code,
      connectionLost: phase === "connecting" || endsConnection(error),
      cause: error,
    });
  }
  return new DatabaseError(error instanceof Error ? error.message : String(error), {
    connectionLost: phase === "connecting" || isConnectionCode(codeOf(error)),
    cause: error,
  });
}

/** Class 08: connection exception; 57P01 to 57P03: the server stops, crashed or starts. FATAL is its word for hanging up. */
function endsConnection({ code, severity }: postgres.PostgresError): boolean {
  return code.startsWith("08") || /^57P0[123]$/.test(code) || severity === "FATAL" || severity === "PANIC";
}

/** The driver's own (`CONNECTION_CLOSED`, `CONNECT_TIMEOUT` …) and the system's (`ECONNRESET`, `EPIPE` …). */
function isConnectionCode(code: string): boolean {
  return code.startsWith("CONNECT") || /^E[A-Z]+$/.test(code);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
