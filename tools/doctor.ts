// `npm run doctor`: what is configured, what is reachable, what to fix. Changes nothing; exit code 1 when something
// has to be fixed before a start.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { SmtpMailSender } from "../packages/server/src/adapters/smtp-mail-sender.ts";
import { systemClock } from "../packages/server/src/adapters/system-clock.ts";
import { TargetGuard } from "../packages/server/src/adapters/target-guard.ts";
import { parseMailUrl } from "../packages/server/src/config/mail-settings.ts";
import {
  listWarnings,
  parseSettings,
  printSettings,
  SettingsError,
} from "../packages/server/src/config/parse-settings.ts";
import type { Settings } from "../packages/server/src/config/settings.ts";
import { checkDatabase, type DatabaseFinding } from "../packages/server/src/database/check-database.ts";

const marks = { ok: "ok   ", warn: "note ", error: "FIX  " } as const;
let errorCount = 0;

tell({ level: "ok", what: `Node ${process.version}.` });
const settings = readSettings();
if (settings) {
  const port = await checkPort(settings);
  const isRunning = port.level === "warn";
  for (const finding of await checkDatabase({ ...settings, isRunning })) tell(finding);
  tell(port);
  tell(await checkMail(settings));
  tell(checkBuild());
  console.log("\nSettings (secrets covered):");
  for (const [name, value] of Object.entries(printSettings(settings))) console.log(`  ${name}: ${format(value)}`);
}
console.log(errorCount === 0 ? "\nNothing has to be fixed." : `\n${errorCount} to fix.`);
process.exitCode = errorCount === 0 ? 0 : 1;

function tell(finding: DatabaseFinding): void {
  if (finding.level === "error") errorCount++;
  console.log(`${marks[finding.level]} ${finding.what}${finding.fix ? `\n      → ${finding.fix}` : ""}`);
}

function readSettings(): Settings | undefined {
  for (const warning of listWarnings(process.env)) tell({ level: "warn", what: warning });
  try {
    // Looking must not make secrets: stand-ins are enough to check the rest.
    return parseSettings(process.env, {
      dataDirSecrets: () => ({ jwtSecret: "made at first start", authSecret: "same", apiKey: "same" }),
    });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const problem of error.problems) tell({ level: "error", what: problem });
    return undefined;
  }
}

/** A port that our own server has is only a note. */
async function checkPort({ port, host }: Settings): Promise<DatabaseFinding> {
  const failure = await tryToListen(port, host);
  if (failure === undefined) return { level: "ok", what: `Port ${port} is free.` };
  if (failure.code === "EADDRINUSE" && (await answersAsMirage(port, host))) {
    return { level: "warn", what: `Port ${port} is in use by a Mirage server that is running.` };
  }
  return {
    level: "error",
    what: `Port ${port} cannot be opened: ${failure.message}`,
    fix: "Stop what listens there, or set PORT (and HOST) to what is free.",
  };
}

function tryToListen(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

async function answersAsMirage(port: number, host: string): Promise<boolean> {
  const address = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${address}:${port}/api/v1/config.json`, { signal: AbortSignal.timeout(2_000) });
    const config: unknown = await answer.json();
    return typeof config === "object" && config !== null && "protocol" in config;
  } catch {
    return false;
  }
}

/** Signs in and sends nothing. */
async function checkMail({ mail, privateTargets }: Settings): Promise<DatabaseFinding> {
  if (!mail) return { level: "ok", what: "No mail is sent: MAIL_URL is not set." };
  const server = parseMailUrl(mail.url);
  const guard = new TargetGuard(privateTargets);
  const target = `${server.host}:${server.port}`;
  const fault = await new SmtpMailSender({ server, from: mail.from, guard, clock: systemClock }).findFault();
  if (fault === undefined) return { level: "ok", what: `The mail server ${target} answers and lets us in.` };
  return {
    level: "error",
    what: `Mail cannot be sent by ${target}: ${fault}`,
    fix: `Correct MAIL_URL; where the server is in your own network, name it in ALLOW_PRIVATE_TARGETS=${target}.`,
  };
}

function checkBuild(): DatabaseFinding {
  if (existsSync("apps/web/.next/BUILD_ID")) return { level: "ok", what: "The web app is built." };
  return { level: "ok", what: "The web app is not built yet; `npm start` builds it." };
}

function format(value: unknown): string {
  if (value === undefined) return "(not set)";
  return Array.isArray(value) && value.length === 0
    ? "(none)"
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
}
