import { globSync } from "node:fs";

const folders = "{packages,apps,examples,tools,bench,faults}";
const skipped = ["**/node_modules/**", "**/.next/**", "**/dist/**", "**/next-env.d.ts"];

/** Paths of everything written here that is code, from the root of the repository. */
export function listSourceFiles(): string[] {
  return globSync(`${folders}/**/*.{ts,tsx,mts,mjs,cjs,css}`, { exclude: skipped }).sort();
}

/** Those of them that hold tests. */
export function listTestFiles(): string[] {
  return listSourceFiles().filter((path) => /\.(test|test-d|contract|fuzz)\.tsx?$/.test(path));
}
