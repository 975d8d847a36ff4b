// `npm test`: every test there is: on the embedded database, on a real Postgres, in a real Chromium. Postgres and
// Chromium are found, or installed from Debian's packages (as root). `--without=postgres`, `--without=browser`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { findBrowser } from "../packages/testing/src/browser.ts";
import { findPostgresPrograms, type PrivatePostgres, startPostgres } from "../packages/testing/src/postgres.ts";
import { buildWeb } from "./build-web.ts";
import { type MachineProgram, provide } from "./provision.ts";
import { formatDuration, runStep } from "./step.ts";

/** A part of the whole, and where it ran, for the last line. */
interface Suite {
  projects: readonly string[];
  place: string;
  env?: Record<string, string>;
}

const postgresProgram: MachineProgram = {
  name: "PostgreSQL",
  debianPackage: "postgresql",
  withoutOption: "--without=postgres",
  find: findPostgresPrograms,
};
const browserProgram: MachineProgram = {
  name: "Chromium",
  debianPackage: "chromium",
  withoutOption: "--without=browser",
  find: findBrowser,
};

const options = process.argv.slice(2);
const known = [postgresProgram.withoutOption, browserProgram.withoutOption];
const unknown = options.filter((option) => !known.includes(option));
if (unknown.length > 0) fail(`npm test does not know ${unknown.join(" ")}; it knows ${known.join(" and ")}`);
const programs = [postgresProgram, browserProgram].filter((program) => !options.includes(program.withoutOption));

const startedMs = performance.now();
const missing: string[] = [];
for (const program of programs) {
  const problem = await provide(program);
  if (problem) missing.push(problem);
}
if (missing.length > 0) fail(missing.join("\n\n"));

const outcomes = [await runSuite({ projects: ["unit", "long"], place: "on PGlite" })];
if (programs.includes(postgresProgram)) outcomes.push(await runOnPostgres());
if (programs.includes(browserProgram)) outcomes.push(await runInBrowser());

const took = formatDuration(performance.now() - startedMs);
const left = options.length > 0 ? `, ${options.join(" ")}` : "";
const isOk = outcomes.every((outcome) => outcome.isOk);
for (const name of outcomes.flatMap((outcome) => outcome.failed)) console.log(`failed: ${name}`);
console.log(`\n${isOk ? "ok" : "FAILED"}: ${outcomes.map((outcome) => outcome.line).join(", ")} (${took}${left})`);
process.exitCode = isOk ? 0 : 1;

interface Outcome {
  isOk: boolean;
  line: string;
  /** The tests that failed by their names, so that the last lines of a long output say which. */
  failed: readonly string[];
}

async function runOnPostgres(): Promise<Outcome> {
  let postgres: PrivatePostgres;
  try {
    postgres = await startPostgres();
  } catch (error) {
    console.error(error);
    return { isOk: false, line: "PostgreSQL did not start", failed: [] };
  }
  try {
    return await runSuite({
      projects: ["postgres", "features-postgres"],
      place: `on PostgreSQL ${postgres.version}`,
      env: { TEST_POSTGRES_URL: postgres.url },
    });
  } finally {
    await postgres.stop();
  }
}

async function runInBrowser(): Promise<Outcome> {
  const browser = findBrowser() ?? "chromium";
  const version = /\d+/.exec(spawnSync(browser, ["--version"], { encoding: "utf8" }).stdout ?? "")?.[0] ?? "";
  if (!(await buildWeb())) return { isOk: false, line: "the web app could not be built", failed: [] };
  const budgets = await runStep({ name: "page budgets", command: [process.execPath, "apps/web/check-size.mjs"] });
  console.log(`\n=== page budgets\n${budgets.output.trimEnd()}`);
  if (!budgets.isOk) return { isOk: false, line: "a page loads more script than its budget", failed: [] };
  return runSuite({ projects: ["browser"], place: `in Chromium ${version}` });
}

/** Shows the tests as they run and counts them; no tests at all is a failure, and so is one that was passed over. */
async function runSuite(suite: Suite): Promise<Outcome> {
  console.log(`\n=== tests ${suite.place}`);
  const folder = mkdtempSync(join(tmpdir(), "mirage-tests-"));
  const report = join(folder, "report.json");
  const projects = suite.projects.flatMap((project) => ["--project", project]);
  const command = [
    "vitest",
    "run",
    ...projects,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  const step = { name: suite.place, command, ...(suite.env ? { env: suite.env } : {}) };
  const { isOk } = await runStep(step, { isShown: true });
  const { passed, failed, skipped } = readReport(report);
  rmSync(folder, { recursive: true, force: true });
  const isWhole = isOk && passed > 0 && failed.length === 0 && skipped === 0;
  const faults = `${failed.length > 0 ? ` (${failed.length} failed)` : ""}${skipped > 0 ? ` (${skipped} skipped)` : ""}`;
  return { isOk: isWhole, line: `${passed} tests ${suite.place}${faults}`, failed };
}

/** What vitest writes as JSON, as far as it is read here. */
interface Report {
  numPassedTests: number;
  numPendingTests: number;
  testResults: { name: string; message: string; status: string; assertionResults: Assertion[] }[];
}

interface Assertion {
  fullName: string;
  status: string;
  failureMessages: string[];
}

function readReport(path: string): { passed: number; failed: string[]; skipped: number } {
  try {
    const report: Report = JSON.parse(readFileSync(path, "utf8"));
    return {
      passed: report.numPassedTests,
      failed: report.testResults.flatMap(failuresOf),
      skipped: report.numPendingTests,
    };
  } catch (error) {
    console.error("There is no report of the tests:", error);
    return { passed: 0, failed: [], skipped: 0 };
  }
}

/** The failed tests of a file with the first line of why; the file itself where it failed as a whole. */
function failuresOf(file: Report["testResults"][number]): string[] {
  const path = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter((test) => test.status === "failed");
  const isBroken = failed.length === 0 && file.status === "failed";
  if (isBroken) return [`${path}: ${firstLine(file.message)}`];
  return failed.map((test) => `${path}: ${test.fullName}: ${firstLine(test.failureMessages[0] ?? "")}`);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
