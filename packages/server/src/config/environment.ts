/**
 * How each variable is read. An empty one counts as unset, as container tools pass them. A message says what to write
 * and never repeats the value: it may be a secret.
 */
import { BlockList, isIP } from "node:net";
import { z } from "zod";
import { mailFromSchema, mailUrlSchema } from "./mail-settings.ts";

const truths: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

const text = z.string().optional();

function flag(fallback: boolean) {
  return z
    .string()
    .optional()
    .transform((value) => (value === undefined ? fallback : truths[value.toLowerCase()]))
    .pipe(z.boolean({ error: "write true or false" }));
}

function whole(fallback: number, range: { min?: number; max?: number } = {}) {
  const { min = 0, max = 2_147_483_647 } = range;
  const error = `write a whole number from ${min} to ${max}`;
  return z
    .string()
    .optional()
    .transform((value) => (value === undefined ? fallback : /^\d+$/.test(value) ? Number(value) : Number.NaN))
    .pipe(z.number({ error }).min(min, { error }).max(max, { error }));
}

/** A number of bytes, which may be more than what other numbers are bounded by. */
const size = (fallback: number) => whole(fallback, { max: Number.MAX_SAFE_INTEGER });

function url(protocols: readonly string[]) {
  const hint = `write an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`;
  return z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), { error: hint })
    .optional();
}

const list = z
  .string()
  .optional()
  .transform((value) => (value ?? "").split(",").map((item) => item.trim()))
  .transform((items) => items.filter((item) => item !== ""));

const origins = list
  .refine((items) => items.every(isOrigin), {
    error: "write origins as https://chat.example.com, separated by commas; a path or * is not an origin",
  })
  .transform((items) => items.map((item) => new URL(item).origin));

const proxies = list.transform((items, context): readonly string[] | true => {
  if (items.length === 1 && items[0] === "true") return true;
  const named = items.filter((item) => item !== "false");
  if (named.every(isAddressRange)) return named;
  context.addIssue({
    code: "custom",
    message: "write true, or addresses and ranges as 10.0.0.0/8, separated by commas",
  });
  return [];
});

/** Where something of ours may call although the address is private: names or addresses with a port. */
const targets = list.refine((items) => items.every(isTarget), {
  error: "write hosts with a port as mail.internal:25, 10.0.0.7:8080 or [fd00::7]:443, separated by commas",
});

/** Whom a push service may write to about what this instance sends (RFC 8292 §2.1). */
const contact = z
  .string()
  .refine((value) => /^(mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/.test(value) && URL.canParse(value), {
    error: "write mailto:you@example.com or an https address",
  })
  .optional();

function isTarget(value: string): boolean {
  const [, bracketed, name, port] = /^(?:\[([\da-f:.]+)\]|([\da-z._-]+)):(\d{1,5})$/i.exec(value) ?? [];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535) return false;
  return bracketed === undefined ? URL.canParse(`http://${name}`) : isIP(bracketed) === 6;
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { origin, protocol } = new URL(value);
  return (protocol === "https:" || protocol === "http:") && origin === value.replace(/\/$/, "").toLowerCase();
}

function isAddressRange(value: string): boolean {
  const [address = "", prefix] = value.split("/");
  const family = isIP(address);
  if (family === 0) return false;
  if (prefix === undefined) return true;
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(bits <= (family === 4 ? 32 : 128))) return false;
  new BlockList().addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
  return true;
}

/** Every variable with its default. */
export const environmentSchema = z.object({
  PORT: whole(3001, { max: 65_535 }),
  HOST: z.string().default("0.0.0.0"),
  DATA_DIR: z.string().default("./data"),
  DATABASE_URL: url(["postgres:", "postgresql:"]),
  JWT_SECRET: text,
  JWT_JWKS_URL: url(["https:", "http:"]),
  JWT_ISSUER: text,
  JWT_AUDIENCE: text,
  AUTH_PROVISION: z.enum(["jit", "strict"], { error: "write jit or strict" }).default("jit"),
  AUTH_SECRET: text,
  API_KEY: z.string().min(16, { error: "use at least 16 characters" }).optional(),
  DISCORD_CLIENT_ID: text,
  DISCORD_CLIENT_SECRET: text,
  PUBLIC_URL: url(["https:", "http:"]),
  NEXT_PUBLIC_WS_URL: url(["https:", "http:", "wss:", "ws:"]),
  WS_ALLOW_QUERY_TOKEN: flag(false),
  WS_CORS_ORIGIN: origins,
  TRUST_PROXY: proxies,
  ENABLE_REAL_TIME_CHAT: flag(true),
  ENABLE_NOTIFICATIONS: flag(true),
  ENABLE_COLLABORATIVE_EDITING: flag(true),
  ENABLE_MODERATION_API: flag(false),
  MODERATION_API_URL: url(["https:", "http:"]),
  MODERATION_API_KEY: text,
  MODERATION_TIMEOUT_MS: whole(2_000, { min: 1, max: 60_000 }),
  MODERATION_ON_FAILURE: z.enum(["open", "closed"], { error: "write open or closed" }).default("closed"),
  ALLOW_PRIVATE_TARGETS: targets,
  VAPID_SUBJECT: contact,
  MAIL_URL: mailUrlSchema,
  MAIL_FROM: mailFromSchema,
  MAIL_DELAY_MS: whole(600_000, { max: 604_800_000 }),
  CHAT_RATE_LIMIT: whole(30),
  NOTIFICATION_RATE_LIMIT: whole(10),
  NOTIFICATION_RETENTION_DAYS: whole(90, { max: 36_500 }),
  EVENT_RATE_LIMIT: whole(50),
  IN_FLIGHT_LIMIT: whole(64),
  CONNECTION_RATE_LIMIT: whole(100),
  CONNECTION_LIMIT: whole(20),
  FILE_SIZE_LIMIT: size(100 * 1024 ** 2),
  FILE_QUOTA: size(1024 ** 3),
  SLOW_CONSUMER_BYTES: whole(1024 * 1024, { min: 64 * 1024 }),
  CATCH_UP_LIMIT: whole(1_000, { min: 1, max: 100_000 }),
  PING_INTERVAL_MS: whole(25_000, { min: 100 }),
  PING_TIMEOUT_MS: whole(20_000, { min: 100 }),
  DRAIN_WINDOW_MS: whole(5_000, { max: 600_000 }),
  METRICS_PUBLIC: flag(false),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      error: "write trace, debug, info, warn, error, fatal or silent",
    })
    .default("info"),
});

export type Environment = z.output<typeof environmentSchema>;

/** Variables that may be given as the path of a file: `JWT_SECRET_FILE=/run/secrets/jwt`. */
export const secretNames = [
  "DATABASE_URL",
  "JWT_SECRET",
  "AUTH_SECRET",
  "API_KEY",
  "DISCORD_CLIENT_SECRET",
  "MODERATION_API_KEY",
  "MAIL_URL",
] as const satisfies readonly (keyof Environment)[];
