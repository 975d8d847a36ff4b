// `npm run check`: says yes or no, without a browser and without Postgres. One line a part; the whole output of one
// that fails. `npm run check -- types imports` runs those parts alone.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { formatDuration, runSteps, type Step, type StepResult } from "./step.ts";

const node = (file: string) => [process.execPath, file];

const quick: Step[] = [
  { name: "types", command: ["tsc", "-p", "."] },
  ...(existsSync("apps/web/tsconfig.json") ? [{ name: "types-web", command: ["tsc", "-p", "apps/web"] }] : []),
  { name: "format-and-lint", command: ["biome", "ci", "--error-on-warnings", "--colors=off"] },
  { name: "imports", command: node("tools/check-imports.ts") },
  { name: "unused", command: ["knip", "--no-progress"] },
  { name: "workspaces", command: ["sherif", "--fail-on-warnings", "--ignore-rule", "root-package-manager-field"] },
  { name: "spec", command: node("tools/check-spec.ts") },
  { name: "lockfile", command: [...node("tools/complete-lockfile.ts"), "--check"] },
  { name: "names", command: node("tools/check-names.ts") },
];
const tests: Step = { name: "tests", command: ["vitest", "run", "--project", "unit", "--reporter=dot"] };

const chosen = process.argv.slice(2);
const isChosen = (step: Step) => chosen.length === 0 || chosen.includes(step.name);
const unknown = chosen.filter((name) => ![...quick, tests].some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no part ${unknown.join(", ")}; parts: ${[...quick, tests].map((step) => step.name).join(", ")}`,
  );
  process.exit(1);
}

const startedMs = performance.now();
const results = [
  ...(await runSteps(quick.filter(isChosen), availableParallelism(), tell)),
  // Alone: their time limits are for a machine that has nothing else to do.
  ...(await runSteps([tests].filter(isChosen), 1, tell)),
];
const failed = results.filter((result) => !result.isOk);
for (const { step, output } of failed)
  console.error(`\n--- ${step.name}: ${step.command.join(" ")}\n${output.trimEnd()}`);
const took = formatDuration(performance.now() - startedMs);
console.log(
  failed.length === 0
    ? `ok: ${results.length} parts (${took})`
    : `\nfailed: ${failed.map(({ step }) => step.name).join(", ")} (${took})`,
);
process.exitCode = failed.length === 0 && results.length > 0 ? 0 : 1;

function tell({ step, isOk, output, durationMs }: StepResult): void {
  const lastLine = output.trimEnd().split("\n").at(-1) ?? "";
  const summary = ["imports", "spec", "lockfile", "names"].includes(step.name) ? `  ${lastLine}` : "";
  console.log(`${isOk ? "ok  " : "FAIL"} ${step.name.padEnd(16)} ${formatDuration(durationMs).padStart(7)}${summary}`);
}
