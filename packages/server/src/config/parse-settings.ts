import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Environment, environmentSchema, secretNames } from "./environment.ts";
import type { MailSettings } from "./mail-settings.ts";
import { openSecrets, type Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** Everything that is wrong with the settings, in one message that says what to write instead. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`These settings need a correction:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Reads all settings from environment variables. Secrets that are not set come from `dataDirSecrets`, which is asked
 * only then, and only once everything else is right. Variables that are not ours are ignored.
 * @throws `SettingsError` naming everything that is wrong.
 */
export function parseSettings(
  env: RawEnvironment,
  options: { dataDirSecrets?: (dataDir: string) => Secrets } = {},
): Settings {
  const problems: string[] = [];
  const given = readGiven(env, problems);
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    for (const issue of result.error.issues) problems.push(`${issue.path.join(".")}: ${issue.message}`);
    throw new SettingsError(unique(problems));
  }
  problems.push(...findContradictions(result.data));
  if (problems.length > 0) throw new SettingsError(unique(problems));
  return toSettings(result.data, options.dataDirSecrets ?? openSecrets);
}

/**
 * Things that work but are probably not meant. A short secret is among them and not among the errors: another program
 * signs with it too, and a server that refused it would be down until both were changed.
 */
export function listWarnings(env: RawEnvironment): string[] {
  const warnings: string[] = [];
  const { JWT_SECRET: secret } = readGiven(env, []);
  if (secret !== undefined && Buffer.byteLength(secret) < 32) {
    warnings.push(
      "JWT_SECRET is shorter than 32 bytes: whoever has one token can try secrets until one fits, and then be anybody. " +
        "Set a longer one here and where tokens are signed, for instance from `openssl rand -base64 32`",
    );
  }
  const shared = ["JWT_SECRET", "AUTH_SECRET", "API_KEY"].filter(
    (name) => !isSet(env[name]) && !isSet(env[`${name}_FILE`]),
  );
  if ((isSet(env.DATABASE_URL) || isSet(env.DATABASE_URL_FILE)) && shared.length > 0) {
    warnings.push(`${shared.join(", ")}: several nodes on one database need the same; those not set are made for each`);
  }
  if (isSet(env.REDIS_URL)) warnings.push("REDIS_URL is not used: nodes meet in the database");
  for (const name of Object.keys(env)) {
    if (/^(WS|JWT|ENABLE|MODERATION|CONNECTION|MAIL)_/.test(name) && !isKnown(name))
      warnings.push(`${name} is not a setting`);
  }
  return warnings;
}

/** The settings as they may be shown: secrets and passwords covered. */
export function printSettings(settings: Settings): Record<string, unknown> {
  const covered = "********";
  return {
    ...settings,
    mail: settings.mail && { ...settings.mail, url: coverPassword(settings.mail.url, covered) },
    jwtSecret: covered,
    authSecret: covered,
    apiKey: covered,
    databaseUrl: settings.databaseUrl === undefined ? undefined : coverPassword(settings.databaseUrl, covered),
    discord: settings.discord && { ...settings.discord, clientSecret: covered },
    moderation: settings.moderation && {
      ...settings.moderation,
      url: coverPassword(settings.moderation.url, covered),
      apiKey: settings.moderation.apiKey === undefined ? undefined : covered,
    },
  };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}

function isKnown(name: string): boolean {
  const known = new Set<string>(Object.keys(environmentSchema.shape));
  return known.has(name) || secretNames.some((secret) => name === `${secret}_FILE`);
}

function readGiven(env: RawEnvironment, problems: string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(environmentSchema.shape)) {
    const value = env[name];
    if (isSet(value)) given[name] = value.trim();
  }
  for (const name of secretNames) {
    const path = env[`${name}_FILE`];
    if (!isSet(path)) continue;
    if (given[name] !== undefined) problems.push(`${name}: set it or ${name}_FILE, not both`);
    try {
      given[name] = readFileSync(path, "utf8").trim();
    } catch (error) {
      problems.push(`${name}_FILE: unable to read ${path} (${error instanceof Error ? error.message : error})`);
    }
  }
  return given;
}

function findContradictions(env: Environment): string[] {
  const problems: string[] = [];
  if ((env.DISCORD_CLIENT_ID === undefined) !== (env.DISCORD_CLIENT_SECRET === undefined)) {
    problems.push("DISCORD_CLIENT_ID and DISCORD_CLIENT_SECRET: set both, or none");
  }
  if (env.ENABLE_MODERATION_API && env.MODERATION_API_URL === undefined) {
    problems.push("MODERATION_API_URL: set it, since ENABLE_MODERATION_API is on");
  }
  if ((env.MAIL_URL === undefined) !== (env.MAIL_FROM === undefined)) {
    problems.push("MAIL_URL and MAIL_FROM: set both, or none");
  } else if (env.MAIL_URL !== undefined && env.PUBLIC_URL === undefined) {
    problems.push("PUBLIC_URL: set it, since the links in mail begin with it");
  }
  return problems;
}

function unique(problems: readonly string[]): string[] {
  return [...new Set(problems)];
}

function coverPassword(address: string, covered: string): string {
  const url = new URL(address);
  if (url.password !== "") url.password = covered;
  return url.toString();
}

function toSettings(env: Environment, dataDirSecrets: (dataDir: string) => Secrets): Settings {
  const dataDir = resolve(env.DATA_DIR);
  const isComplete = env.JWT_SECRET !== undefined && env.AUTH_SECRET !== undefined && env.API_KEY !== undefined;
  const made = isComplete ? { jwtSecret: "", authSecret: "", apiKey: "" } : dataDirSecrets(dataDir);
  return {
    port: env.PORT,
    host: env.HOST,
    dataDir,
    databaseUrl: env.DATABASE_URL,
    jwtSecret: env.JWT_SECRET ?? made.jwtSecret,
    jwtJwksUrl: env.JWT_JWKS_URL,
    jwtIssuer: env.JWT_ISSUER,
    jwtAudience: env.JWT_AUDIENCE,
    authProvision: env.AUTH_PROVISION,
    allowQueryToken: env.WS_ALLOW_QUERY_TOKEN,
    authSecret: env.AUTH_SECRET ?? made.authSecret,
    apiKey: env.API_KEY ?? made.apiKey,
    discord: discordOf(env),
    publicUrl: env.PUBLIC_URL,
    corsOrigins: env.WS_CORS_ORIGIN,
    trustProxy: env.TRUST_PROXY,
    enableChat: env.ENABLE_REAL_TIME_CHAT,
    enableNotifications: env.ENABLE_NOTIFICATIONS,
    enableDocuments: env.ENABLE_COLLABORATIVE_EDITING,
    moderation: moderationOf(env),
    privateTargets: env.ALLOW_PRIVATE_TARGETS,
    pushSubject: env.VAPID_SUBJECT ?? (env.PUBLIC_URL?.startsWith("https:") ? env.PUBLIC_URL : unknownContact),
    mail: mailOf(env),
    chatPerMinute: env.CHAT_RATE_LIMIT,
    notificationsPerMinute: env.NOTIFICATION_RATE_LIMIT,
    notificationRetentionDays: env.NOTIFICATION_RETENTION_DAYS,
    eventsPerSecond: env.EVENT_RATE_LIMIT,
    inFlight: env.IN_FLIGHT_LIMIT,
    connectionsPerSecond: env.CONNECTION_RATE_LIMIT,
    connectionsPerUser: env.CONNECTION_LIMIT,
    fileSizeLimit: env.FILE_SIZE_LIMIT,
    fileQuota: env.FILE_QUOTA,
    slowConsumerBytes: env.SLOW_CONSUMER_BYTES,
    catchUpLimit: env.CATCH_UP_LIMIT,
    pingIntervalMs: env.PING_INTERVAL_MS,
    pingTimeoutMs: env.PING_TIMEOUT_MS,
    drainWindowMs: env.DRAIN_WINDOW_MS,
    metricsPublic: env.METRICS_PUBLIC,
    logLevel: env.LOG_LEVEL,
  };
}

/** Push services want some; one that leads nowhere harms nobody. */
const unknownContact = "mailto:push@mirage.invalid";

function discordOf(env: Environment): Settings["discord"] {
  const { DISCORD_CLIENT_ID: clientId, DISCORD_CLIENT_SECRET: clientSecret } = env;
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

function mailOf(env: Environment): MailSettings | undefined {
  const { MAIL_URL: url, MAIL_FROM: from, PUBLIC_URL: publicUrl, MAIL_DELAY_MS: delayMs } = env;
  if (url === undefined || from === undefined || publicUrl === undefined) return undefined;
  return { url, from, publicUrl, delayMs };
}

function moderationOf(env: Environment): Settings["moderation"] {
  if (!env.ENABLE_MODERATION_API || env.MODERATION_API_URL === undefined) return undefined;
  return {
    url: env.MODERATION_API_URL,
    apiKey: env.MODERATION_API_KEY,
    timeoutMs: env.MODERATION_TIMEOUT_MS,
    onFailure: env.MODERATION_ON_FAILURE,
  };
}
