import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parseMailUrl } from "./mail-settings.ts";
import { listWarnings, parseSettings, printSettings, SettingsError } from "./parse-settings.ts";
import { openSecrets } from "./secrets.ts";

const dirs: string[] = [];
const dataDirSecrets = () => ({ jwtSecret: "j".repeat(32), authSecret: "a".repeat(32), apiKey: "k".repeat(32) });

function makeDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "settings-"));
  dirs.push(dir);
  return dir;
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseSettings(env, { dataDirSecrets });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

test("[CFG-1] an empty environment gives the defaults", () => {
  const settings = parseSettings({ PATH: "/bin", PORT: "", HOME: "/" }, { dataDirSecrets });
  expect(settings).toMatchObject({
    port: 3001,
    chatPerMinute: 30,
    eventsPerSecond: 50,
    inFlight: 64,
    connectionsPerSecond: 100,
    connectionsPerUser: 20,
    slowConsumerBytes: 1_048_576,
    catchUpLimit: 1_000,
    authProvision: "jit",
    allowQueryToken: false,
    enableChat: true,
    corsOrigins: [],
    trustProxy: [],
    databaseUrl: undefined,
    moderation: undefined,
    jwtSecret: "j".repeat(32),
  });
});

test("[CFG-1] what is set is read, and 0 switches a limit off", () => {
  const settings = parseSettings(
    {
      PORT: "0",
      ENABLE_REAL_TIME_CHAT: "off",
      CHAT_RATE_LIMIT: "0",
      WS_CORS_ORIGIN: "https://a.example, http://b.example:8080/",
      TRUST_PROXY: "10.0.0.0/8,::1",
      ENABLE_MODERATION_API: "true",
      MODERATION_API_URL: "https://words.example/check",
      DISCORD_CLIENT_ID: "id",
      DISCORD_CLIENT_SECRET: "secret",
    },
    { dataDirSecrets },
  );
  expect(settings).toMatchObject({
    port: 0,
    enableChat: false,
    chatPerMinute: 0,
    corsOrigins: ["https://a.example", "http://b.example:8080"],
    trustProxy: ["10.0.0.0/8", "::1"],
    moderation: { url: "https://words.example/check", timeoutMs: 2_000, onFailure: "closed" },
    discord: { clientId: "id", clientSecret: "secret" },
  });
});

test("[CFG-2] one error lists everything that is wrong, without any value", () => {
  const problems = problemsOf({
    PORT: "canary-port",
    ENABLE_NOTIFICATIONS: "perhaps",
    DATABASE_URL: "mysql://canary",
    WS_CORS_ORIGIN: "*",
    TRUST_PROXY: "10.0.0.0/99",
    API_KEY: "canary",
    AUTH_PROVISION: "canary",
    NEXT_PUBLIC_WS_URL: "ftp://canary",
    ALLOW_PRIVATE_TARGETS: "canary",
  });
  expect(problems.map((problem) => problem.split(":")[0]).sort()).toEqual(
    [
      "ALLOW_PRIVATE_TARGETS",
      "API_KEY",
      "AUTH_PROVISION",
      "DATABASE_URL",
      "ENABLE_NOTIFICATIONS",
      "NEXT_PUBLIC_WS_URL",
      "PORT",
      "TRUST_PROXY",
      "WS_CORS_ORIGIN",
    ].sort(),
  );
  expect(problems.join()).not.toContain("canary");
  expect(problemsOf({ DISCORD_CLIENT_ID: "x" })).toEqual([expect.stringContaining("set both")]);
  expect(problemsOf({ ENABLE_MODERATION_API: "1" })).toEqual([expect.stringContaining("MODERATION_API_URL")]);
});

test("[CFG-1] addresses that may be reached are hosts with a port, and the web app's server is an address", () => {
  for (const good of ["mail.internal:25", "10.0.0.7:8080, [fd00::7]:443", ""]) {
    expect([good, problemsOf({ ALLOW_PRIVATE_TARGETS: good })]).toEqual([good, []]);
  }
  for (const bad of [
    "mail.internal",
    "http://a:80",
    "a:0",
    "a:65536",
    "fd00::7:443",
    "[10.0.0.7]:1",
    "a:1;b:2",
    "*:1",
  ]) {
    expect([bad, problemsOf({ ALLOW_PRIVATE_TARGETS: bad })]).toEqual([bad, [expect.stringContaining("with a port")]]);
  }
  for (const good of ["wss://chat.example", "http://localhost:3001"]) {
    expect(problemsOf({ NEXT_PUBLIC_WS_URL: good })).toEqual([]);
  }
  expect(problemsOf({ NEXT_PUBLIC_WS_URL: "chat.example" })).toEqual([expect.stringContaining("wss://")]);
});

test("[CFG-1] mail needs a server, a sender and the address that its links begin with, and is off without", () => {
  const env = {
    MAIL_URL: "smtp://me:p%40ss@mail.example",
    MAIL_FROM: "Chat <chat@example.com>",
    PUBLIC_URL: "https://chat.example",
  };
  expect(parseSettings(env, { dataDirSecrets }).mail).toEqual({
    url: env.MAIL_URL,
    from: env.MAIL_FROM,
    publicUrl: env.PUBLIC_URL,
    delayMs: 600_000,
  });
  expect(parseMailUrl(env.MAIL_URL)).toEqual({
    host: "mail.example",
    port: 587,
    tls: "required",
    isVerified: true,
    auth: { user: "me", pass: "p@ss" },
  });
  expect(parseMailUrl("smtp://[fd00::7]:25?tls=unverified")).toMatchObject({
    host: "[fd00::7]",
    port: 25,
    tls: "offered",
  });
  expect(parseMailUrl("smtps://mail.example")).toMatchObject({ port: 465, tls: "start" });
  expect(parseSettings({ PUBLIC_URL: env.PUBLIC_URL }, { dataDirSecrets }).mail).toBeUndefined();
  expect(problemsOf({ ...env, MAIL_FROM: "" })).toEqual([expect.stringContaining("set both")]);
  expect(problemsOf({ ...env, PUBLIC_URL: "" })).toEqual([expect.stringContaining("PUBLIC_URL")]);
  for (const bad of [
    "http://mail.example",
    "smtp://me@mail.example",
    "smtp://a:b%zz@c.example",
    "smtp://c.example/x?tls=on",
  ]) {
    expect([bad, problemsOf({ ...env, MAIL_URL: bad })]).toEqual([
      bad,
      [expect.stringMatching(/^MAIL_URL: write smtp/)],
    ]);
  }
  for (const bad of ["chat", "Chat <chat>", "A, B <chat@example.com>", "chat@example.com>"]) {
    expect([bad, problemsOf({ ...env, MAIL_FROM: bad })]).toEqual([bad, [expect.stringMatching(/^MAIL_FROM: write/)]]);
  }
});

test("[CFG-3] a secret may stand in a file", () => {
  const file = join(makeDir(), "jwt");
  writeFileSync(file, "from-a-file\n");
  expect(parseSettings({ JWT_SECRET_FILE: file }, { dataDirSecrets }).jwtSecret).toBe("from-a-file");
  expect(problemsOf({ JWT_SECRET_FILE: file, JWT_SECRET: "x" })).toEqual([expect.stringContaining("not both")]);
  expect(problemsOf({ API_KEY_FILE: `${file}.missing` })).toEqual([expect.stringContaining("unable to read")]);
});

test("[CFG-4] secrets nobody set are made once and kept for their owner alone", () => {
  const dataDir = join(makeDir(), "data");
  const first = parseSettings({ DATA_DIR: dataDir });
  expect(parseSettings({ DATA_DIR: dataDir })).toEqual(first);
  expect(first.jwtSecret.length).toBeGreaterThanOrEqual(32);
  expect(new Set([first.jwtSecret, first.authSecret, first.apiKey]).size).toBe(3);
  expect(statSync(join(dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  writeFileSync(join(dataDir, "secrets.json"), "{");
  expect(() => openSecrets(dataDir)).toThrow(/damaged/);
});

test("[SEC-1] printed settings hold no secret", () => {
  const settings = parseSettings(
    {
      DATABASE_URL: "postgres://me:canary@db/app",
      JWT_SECRET: "canary",
      DISCORD_CLIENT_ID: "i",
      DISCORD_CLIENT_SECRET: "canary",
      MAIL_URL: "smtp://me:canary@mail.example",
      MAIL_FROM: "chat@example.com",
      PUBLIC_URL: "https://chat.example",
    },
    { dataDirSecrets },
  );
  expect(JSON.stringify(printSettings(settings))).not.toMatch(/canary|kkkk|aaaa/);
});

test("[CFG-1] what is probably not meant is warned of", () => {
  expect(listWarnings({ WS_CORS_ORIGINS: "x", JWT_SECRET: "short", PATH: "/bin" })).toHaveLength(2);
  const file = join(makeDir(), "jwt");
  writeFileSync(file, "short\n");
  expect(listWarnings({ JWT_SECRET_FILE: file })).toEqual([expect.stringMatching(/^JWT_SECRET is shorter/)]);
  expect(listWarnings({ DATABASE_URL: "postgres://x/y", JWT_SECRET: "x".repeat(32), API_KEY_FILE: "/x" })).toEqual([
    expect.stringMatching(/^AUTH_SECRET: several nodes/),
  ]);
});
