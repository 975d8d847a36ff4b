import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { listSourceFiles } from "./source-files.ts";

/** Runs a check in a folder that holds almost nothing. */
function runInEmptiness(check: string): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), "mirage-empty-"));
  for (const name of ["packages", "docs"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "tsconfig.json"), "{}");
  writeFileSync(join(folder, "packages/alone.ts"), "export const alone = true;\n");
  writeFileSync(join(folder, "docs/spec.md"), "- **ONE-1** A rule.\n");
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: {} }));
  const file = fileURLToPath(new URL(`./${check}.ts`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, "--check"], { cwd: folder, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return { status, output: stdout + stderr };
}

test("every file of TypeScript is checked by tsc", () => {
  const checked = [".", "apps/web"].flatMap((folder) => {
    const shown = spawnSync("tsc", ["-p", folder, "--showConfig"], { encoding: "utf8" }).stdout;
    return (JSON.parse(shown).files as string[]).map((file) => join(folder, file));
  });
  const written = listSourceFiles().filter((path) => /\.tsx?$/.test(path));
  expect(written.length).toBeGreaterThan(100);
  expect(written.filter((path) => !checked.includes(path))).toEqual([]);
});

test.each(["check-imports", "check-spec", "check-names", "complete-lockfile"])(
  "%s fails when it read nothing",
  (check) => {
    const { status, output } = runInEmptiness(check);
    expect(status).toBe(1);
    expect(output).toMatch(/broken|hardly anything/);
  },
);
