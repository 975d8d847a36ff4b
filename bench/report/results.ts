import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ceiling } from "../ceiling.ts";
import type { Machine } from "../machine/describe-machine.ts";
import type { Outcome } from "../outcome.ts";
import { Outcomes, type Verdict } from "../targets.ts";
import { nameOf, type Workload } from "../workload.ts";
import { drawCharts } from "./charts.ts";

/** One workload of one run, as it is kept. */
export interface Result extends Circumstances {
  name: string;
  title: string;
  at: string;
  outcomes: Outcome[];
  targets: (Verdict & { grade: "must" | "moonshot"; what: string })[];
}

export interface Circumstances {
  machine: Machine;
  places: string;
  ceiling: Ceiling;
  isQuick: boolean;
}

export function toResult(workload: Workload, outcomes: Outcome[], circumstances: Circumstances): Result {
  const found = new Outcomes(outcomes);
  const targets = workload.targets.map(({ grade, what, judge }) => ({ grade, what, ...judge(found) }));
  const { title } = workload;
  return { name: nameOf(workload), title, at: new Date().toISOString(), ...circumstances, outcomes, targets };
}

/** Writes the figures and their plots; returns the path of the figures. */
export function keepResult(result: Result, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${result.at.slice(0, 10)}-${slugOf(result)}.json`);
  writeFileSync(path, `${JSON.stringify(result, undefined, 2)}\n`);
  for (const [name, svg] of Object.entries(drawCharts(result))) {
    writeFileSync(join(folder, `${slugOf(result)}-${name}.svg`), svg);
  }
  return path;
}

/** The latest of each workload. */
export function readResults(folder: string): Result[] {
  const latest = new Map<string, Result>();
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  for (const name of names.sort()) {
    const result: Result = JSON.parse(readFileSync(join(folder, name), "utf8"));
    latest.set(result.name, result);
  }
  return [...latest.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

export function slugOf({ name }: Result): string {
  return name.toLowerCase().replaceAll(" ", "-");
}
