// Every rule of docs/spec.md has a test whose title begins with its id, and every id in a title is a rule.
import { readFileSync } from "node:fs";
import { listTestFiles } from "./source-files.ts";

const problems: string[] = [];
const rules = readRules();
const named = readTitles();

for (const id of rules) if (!named.has(id)) problems.push(`${id} has no test: begin a title with "[${id}] …"`);
for (const [id, path] of named)
  if (!rules.has(id)) problems.push(`${path} names ${id}, which docs/spec.md does not have`);
if (rules.size < 10 || named.size < 10) {
  problems.push(`Only ${rules.size} rules and ${named.size} ids in titles were read: the check itself is broken.`);
}
for (const problem of problems) console.error(problem);
console.log(`${rules.size} rules, ${named.size} of them named by tests, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;

function readRules(): Set<string> {
  const ids = new Set<string>();
  for (const [, id = ""] of readFileSync("docs/spec.md", "utf8").matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)) {
    if (ids.has(id)) problems.push(`docs/spec.md has ${id} twice`);
    ids.add(id);
  }
  return ids;
}

/** Ids in titles with the file of the first one. A title may carry several: `[ACK-1] [SEQ-1] …`. */
function readTitles(): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of listTestFiles()) {
    for (const [, ids = ""] of readFileSync(path, "utf8").matchAll(/["'`]((?:\[[A-Z]+-\d+\]\s*)+)/g)) {
      for (const [, id = ""] of ids.matchAll(/\[([A-Z]+-\d+)\]/g)) if (!found.has(id)) found.set(id, path);
    }
  }
  return found;
}
