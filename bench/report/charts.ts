import type { Outcome } from "../outcome.ts";
import { drawLineChart } from "./line-chart.ts";
import type { Result } from "./results.ts";

/** The plots of a workload, by the end of their file's name. */
export function drawCharts({ name, outcomes }: Result): Record<string, string> {
  const charts: Record<string, string> = {};
  const timed = outcomes.filter(({ latency }) => latency !== undefined);
  if (timed.length > 0) charts.latency = drawLatency(name, timed);
  const ramped = outcomes.filter(({ ramps }) => ramps.length > 0);
  if (ramped.length > 0) charts.load = drawLoad(name, ramped);
  return charts;
}

function drawLatency(name: string, outcomes: readonly Outcome[]): string {
  return drawLineChart({
    title: `${name}: from the intended time of sending to the receipt`,
    xLabel: "percentile of deliveries",
    yLabel: "milliseconds",
    xTicks: ["50", "90", "99", "99.9", "all"].map((label, x) => ({ x, label })),
    series: outcomes.map(({ label, latency }) => ({
      label,
      points: latency
        ? [latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map((y, x) => ({ x, y }))
        : [],
    })),
  });
}

function drawLoad(name: string, outcomes: readonly Outcome[]): string {
  return drawLineChart({
    title: `${name}: the 99th percentile as the load rises`,
    xLabel: "deliveries a second",
    yLabel: "p99, milliseconds",
    series: outcomes.map(({ label, ramps }) => ({
      label,
      points: (ramps[0] ?? []).map((step) => ({ x: step.deliveriesPerSecond, y: step.latency?.p99 ?? 0 })),
    })),
  });
}
