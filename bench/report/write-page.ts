import { writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Step } from "../outcome.ts";
import { missing, missingPeers } from "../workloads/index.ts";
import { drawCharts } from "./charts.ts";
import { type Result, readResults, slugOf } from "./results.ts";
import { tableOf, verdictOf } from "./show-result.ts";

const introduction = `# How fast, and how much

Written by \`npm run bench\`; \`npm run bench -- T1 T4\` measures some of it anew, \`--list\` names all, \`--quick\` tries.
Each figure is of one run on one machine: what counts is the ratio between servers that ran in turn (A B A B) there.

The load comes by a schedule that waits for nobody. Latencies are measured from the time a message was meant to be sent
until a sampled reader has it, over all repeats together. \`held\` needs everything: delivered to everybody, in order,
once, nobody refused or cut off, and the bound.

| server | what it is |
|---|---|
| mirage | this repository as it is shipped: checked, committed, then delivered and acknowledged |
| stock | Socket.IO 4.8 as most write it: one INSERT a message through a pool of 10, \`io.to(room).emit\`, acknowledgement |
| ws | bare \`ws\`, one shared frame, nothing checked or stored |
| limit | bare sockets, all of a tick in one write, nothing checked or stored: the cheapest we can write |
| mirage-transport | mirage's way out alone: the host broadcasts, nothing is stored |
| hocuspocus | Hocuspocus 4.7 with its own provider: answered when applied, the whole document stored every two seconds or later |

[Where the time goes](where-the-time-goes.md) says from profiles what stands in the way of what is not held.
`;

/** Writes the page over all results of a folder, beside it; returns its path. */
export function writePage(folder: string): string {
  const path = join(dirname(folder), "README.md");
  const results = readResults(folder);
  const sections = results.map((result) => sectionOf(result, relative(dirname(path), folder)));
  const absent = [
    ...Object.entries(missing).map(([name, what]) => `- ${name} is not there yet: ${what}.`),
    ...missingPeers.map((peer) => `- Not compared with ${peer}.`),
  ];
  writeFileSync(
    path,
    [introduction, overviewOf(results), ...sections, `## Missing\n\n${absent.join("\n")}\n`].join("\n"),
  );
  return path;
}

function overviewOf(results: readonly Result[]): string {
  const rows = results.flatMap(({ name, outcomes, targets }) => {
    const limits = [...new Set(outcomes[0]?.limitedBy.map(withoutShares))].join("; ");
    return targets.map(({ grade, what, measured, isHeld }) => {
      return [name, grade === "must" ? what : `*${what}*`, measured, mark(isHeld), limits];
    });
  });
  return `${markdown([["", "must reach, *moonshot*", "measured", "", "limited by"], ...rows])}\n`;
}

/** What limited, without by how much: that stands with the workload. */
function withoutShares(limitedBy: string): string {
  return limitedBy.replace(/ ?[:(].*/, "");
}

function sectionOf(result: Result, folder: string): string {
  const { name, title, machine, places, ceiling, at, outcomes, isQuick } = result;
  const charts = Object.keys(drawCharts(result)).map(
    (chart) => `![${name} ${chart}](${folder}/${slugOf(result)}-${chart}.svg)`,
  );
  const problems = outcomes.flatMap(({ label, problems: counted, violations, limitedBy, ramps }) => [
    ...Object.entries(counted).map(([what, count]) => `- ${label}: ${count} × ${what}`),
    ...(violations > 0 ? [`- ${label}: ${violations} out of order, twice or left out`] : []),
    ...(limitedBy.length > 0 ? [`- ${label}, limited by: ${limitedBy.join("; ")}`] : []),
    ...ramps.flatMap((steps) => endOfRamp(label, steps)),
  ]);
  const share = Math.round(100 * ceiling.generatorShare);
  const about = `${at.slice(0, 10)}, commit ${machine.commit}, ${machine.cores} × ${machine.processor}, ${machine.memoryGb} GB, Node ${machine.node}, kernel ${machine.kernel}, PostgreSQL ${machine.postgres} with fsync (PGlite runs without); ${places}. The generator counts ${ceiling.perSecond.toLocaleString("en-US")} deliveries/s at ${share} % of its core.`;
  const warning = isQuick ? "**A short run, to try: not to be quoted.**\n\n" : "";
  const parts = [
    `## ${name}: ${title}\n\n${warning}${markdown(tableOf(outcomes))}`,
    problems.join("\n"),
    charts.join("\n"),
    about,
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function endOfRamp(label: string, steps: readonly Step[]): string[] {
  const last = steps.at(-1);
  if (!last) return [];
  const { messagesPerSecond, deliveriesPerSecond, latency, limitedBy } = last;
  const reached = `${deliveriesPerSecond.toLocaleString("en-US")} deliveries/s, p99 ${latency?.p99 ?? "unknown"} ms`;
  return [`- ${label}, a ramp ended at ${messagesPerSecond} msg/s (${reached}), limited by: ${limitedBy}`];
}

function mark(isHeld: boolean | undefined): string {
  return isHeld ? "held" : `**${verdictOf(isHeld)}**`;
}

function markdown(rows: readonly string[][]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}
