import {
  type CommandName,
  type CommandPayload,
  commands,
  findUncleanPath,
  limits,
  messages,
  Refusal,
} from "@mirage/protocol";
import type { z } from "zod";

/** What came of untrusted input: a payload that may be trusted, or the refusal to answer with. */
export type ParsedPayload<Payload> = { ok: true; payload: Payload } | { ok: false; refusal: Refusal };
export type ParsedInput<Name extends CommandName> = ParsedPayload<CommandPayload<Name>>;

const knownMessages: ReadonlySet<string> = new Set(Object.values(messages));
const maxIssues = 20;
const maxPathLength = 200;

/**
 * Checks the input of a command, from the socket and from REST alike: a missing one counts as `{}`, a bare string as
 * the command's `bareField`. Never throws.
 */
export function parseInput<Name extends CommandName>(name: Name, raw: unknown): ParsedInput<Name> {
  const { input, bareField, bytesIn } = commands[name];
  const schema: z.ZodType = input;
  const parsed = parsePayload(schema, asObject(raw, bareField), bytesIn);
  return parsed.ok ? { ok: true, payload: parsed.payload as CommandPayload<Name> } : parsed;
}

/**
 * Checks a value from outside: text that cannot be stored and nesting that is too deep are refused before the schema sees
 * them, and bytes but in the fields `bytesIn`. Never throws.
 */
export function parsePayload<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  bytesIn?: readonly string[],
): ParsedPayload<z.output<Schema>> {
  const unclean = findUncleanPath(value, limits.payloadDepth, bytesIn);
  if (unclean !== undefined) {
    const issue = { path: unclean.slice(0, maxPathLength), message: "unusable text, bytes or nesting" };
    return { ok: false, refusal: invalid([issue]) };
  }
  const result = schema.safeParse(value);
  return result.success ? { ok: true, payload: result.data } : { ok: false, refusal: refusalOf(result.error.issues) };
}

function asObject(raw: unknown, bareField: string | undefined): unknown {
  if (raw === undefined || raw === null) return {};
  if (typeof raw === "string" && bareField !== undefined) return { [bareField]: raw };
  return raw;
}

function refusalOf(zodIssues: readonly z.core.$ZodIssue[]): Refusal {
  const issues = zodIssues
    .slice(0, maxIssues)
    .map(({ path, message }) => ({ path: path.map(String).join(".").slice(0, maxPathLength), message }));
  const first = issues[0];
  if (first === undefined || !knownMessages.has(first.message)) return invalid(issues);
  return new Refusal(first.message === messages.tooLong ? "too_large" : "bad_request", first.message, { issues });
}

function invalid(issues: { path: string; message: string }[]): Refusal {
  const first = issues[0];
  const what = first === undefined ? "" : `: ${first.path} ${first.message}`.replace(/ +/g, " ");
  return new Refusal("bad_request", `Invalid payload${what}`, { issues });
}
