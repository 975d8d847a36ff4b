// House rules that no linter knows: how files are called, and words that must not stand in code.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { listSourceFiles } from "./source-files.ts";

/** A drawer for everything says nothing about what is in it. */
const drawers = /(^|[-.])(utils?|helpers?|managers?|services?|common|misc|shared|impl)([-.]|$)/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.[a-z]+$/;

const bannedWords: readonly { pattern: RegExp; instead: string }[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b(?!\|)/, instead: "do it, or write down where it is decided" },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, instead: "give it a type" },
  { pattern: /biome-(ignore)/, instead: "write it so that the rule is content" },
  { pattern: /\bvi\.(mock|doMock)\(/, instead: "a fake is a real adapter behind a port" },
  { pattern: /\b(test|it|describe)\.(skip|todo|only)\b/, instead: "a test runs everywhere or is not there" },
  { pattern: /process\.env\.CI\b/, instead: "no code may know that it is being tested" },
];

const files = listSourceFiles();
const problems: string[] = [];
for (const path of files) {
  const name = basename(path);
  if (!kebabCase.test(name)) problems.push(`${path}: file names are kebab-case`);
  if (path.split("/").some((part) => drawers.test(part))) problems.push(`${path}: name it after its subject`);
  if (path === "tools/check-names.ts") continue;
  const lines = readFileSync(path, "utf8").split("\n");
  lines.forEach((line, index) => {
    for (const { pattern, instead } of bannedWords) {
      if (pattern.test(line)) problems.push(`${path}:${index + 1}: ${pattern.exec(line)?.[0]}: ${instead}`);
    }
  });
}
if (files.length < 50) problems.push(`Only ${files.length} files were read: the check itself is broken.`);
for (const problem of problems) console.error(problem);
console.log(`${files.length} files, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
