import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger } from "pino";

/** Names whose values are never written, wherever they stand in what is logged. */
const secretNames = [
  "token",
  "accessToken",
  "refreshToken",
  "idToken",
  "authorization",
  "cookie",
  "set-cookie",
  "password",
  "secret",
  "clientSecret",
  "jwtSecret",
  "authSecret",
  "apiKey",
  "x-api-key",
];

const depths = ["", "*.", "*.*.", "*.*.*."];
const jwtPattern = /\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g;
const covered = "[redacted]";

/**
 * Writes JSON lines: `time` in ISO 8601 UTC, `level` by name, `msg`, and the fields given. Secrets are covered by the
 * name of their field, and anything that looks like a token is covered in messages and errors too.
 */
export function createLogger(options: { level: string; destination?: DestinationStream }): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: depths.flatMap((depth) => secretNames.map((name) => pathTo(depth, name))), censor: covered },
    serializers: { err: serialiseError, error: serialiseError },
    hooks: { streamWrite: (line: string) => line.replace(jwtPattern, covered) },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

function pathTo(depth: string, name: string): string {
  if (/^\w+$/.test(name)) return `${depth}${name}`;
  return `${depth.replace(/\.$/, "")}["${name}"]`;
}

function serialiseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause = error.cause instanceof Error ? serialiseError(error.cause) : undefined;
  const code = "code" in error ? error.code : undefined;
  return { type: error.name, message: error.message, stack: error.stack, code, cause };
}
