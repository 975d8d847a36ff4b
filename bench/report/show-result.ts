import type { Outcome } from "../outcome.ts";
import type { Result } from "./results.ts";

/** One workload on the terminal. */
export function showResult({ outcomes, targets }: Result): void {
  console.log(`\n${align(tableOf(outcomes))}`);
  for (const { label, problems, limitedBy, violations } of outcomes) {
    const said = Object.entries(problems).map(([what, count]) => `${count} × ${what}`);
    if (violations > 0) said.push(`${violations} out of order, twice or left out`);
    if (limitedBy.length > 0) said.push(`limited by ${limitedBy.join("; ")}`);
    if (said.length > 0) console.log(`  ${label}: ${said.join("; ")}`);
  }
  for (const { grade, what, measured, isHeld } of targets) {
    console.log(`${verdictOf(isHeld).padEnd(14)} ${grade.padEnd(8)} ${what}: ${measured}`);
  }
}

export function verdictOf(isHeld: boolean | undefined): string {
  return isHeld === undefined ? "not measured" : isHeld ? "held" : "not held";
}

/** What was measured, with heads, for the terminal and for the page. */
export function tableOf(outcomes: readonly Outcome[]): string[][] {
  const hasLoad = outcomes.some(({ deliveriesPerSecond, best }) => deliveriesPerSecond > 0 || best !== undefined);
  if (hasLoad) return [heads, ...outcomes.map(rowOf)];
  const names = [...new Set(outcomes.flatMap(({ figures }) => Object.keys(figures)))];
  const rows = outcomes.map(({ label, figures }) => [label, ...names.map((name) => String(figures[name] ?? ""))]);
  return [["server", ...names], ...rows];
}

const heads = [
  "server",
  "deliveries/s",
  "delivered",
  "p50 ms",
  "p99 ms",
  "p99.9 ms",
  "ack p99 ms",
  "largest that held",
  "CPU s per million",
  "events a read",
];

function rowOf(outcome: Outcome): string[] {
  const { label, latency, ackLatency, delivered, expected, best, cpuPerMillion, eventsPerRead } = outcome;
  const database = cpuPerMillion.postgres > 0 ? ` + ${cpuPerMillion.postgres} Postgres` : "";
  return [
    `${label}${outcome.isBlind ? " (counted by bytes)" : ""}`,
    figureOf(outcome.deliveriesPerSecond || undefined),
    expected === 0 ? "" : `${Math.floor((10_000 * delivered) / expected) / 100} %`,
    figureOf(latency?.p50),
    figureOf(latency?.p99),
    figureOf(latency?.p999),
    figureOf(ackLatency?.p99),
    best ? `${figureOf(best.messagesPerSecond)} msg/s, ${figureOf(best.deliveriesPerSecond)} deliveries/s` : "",
    cpuPerMillion.server > 0 ? `${cpuPerMillion.server}${database}` : "",
    eventsPerRead > 0 ? figureOf(eventsPerRead) : "",
  ];
}

function figureOf(value: number | undefined): string {
  return value === undefined ? "" : value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

function align(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}
