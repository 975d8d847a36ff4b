import type { Outcome } from "../outcome.ts";
import type { Result } from "./results.ts";

/** One workload on the terminal. */
export function showResult({ outcomes, targets }: Result): void {
  console.log(`\n${table([heads, ...outcomes.map(rowOf)])}`);
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

/** Columns of figures, on the terminal and on the page. */
export const heads = [
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

export function rowOf(outcome: Outcome): string[] {
  const { label, latency, ackLatency, delivered, expected, best, cpuPerMillion, eventsPerRead } = outcome;
  const database = cpuPerMillion.postgres > 0 ? ` + ${cpuPerMillion.postgres} Postgres` : "";
  const figures = outcome.figures;
  if (outcome.expected === 0 && outcome.deliveriesPerSecond === 0 && !best) {
    return [label, ...Object.entries(figures).map(([name, value]) => `${value} ${name}`)];
  }
  return [
    `${label}${outcome.isBlind ? " (counted by bytes)" : ""}`,
    figureOf(outcome.deliveriesPerSecond),
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
  return value === undefined || value === 0 ? "" : value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

function table(rows: readonly string[][]): string {
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}
