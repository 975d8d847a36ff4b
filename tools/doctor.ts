// `npm run doctor`: what is configured, what is reachable, what to fix. Changes nothing; exit code 1 when something
// has to be fixed before a start.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
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
  for (const finding of await checkDatabase(settings)) tell(finding);
  tell(await checkPort(settings));
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

function checkPort({ port, host }: Settings): Promise<DatabaseFinding> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) =>
      resolve({
        level: "warn",
        what: `Port ${port} cannot be opened: ${error.message}`,
        fix: "Nothing, if your server is running. Otherwise set PORT to a free one.",
      }),
    );
    probe.listen(port, host, () => probe.close(() => resolve({ level: "ok", what: `Port ${port} is free.` })));
  });
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
