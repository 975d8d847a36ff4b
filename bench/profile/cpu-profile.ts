import { fileURLToPath } from "node:url";
import { openInspector } from "./inspector.ts";

/** As V8 writes it into a `.cpuprofile`. Times are in microseconds. */
export interface CpuProfile {
  nodes: ProfileNode[];
  startTime: number;
  endTime: number;
  samples: number[];
  timeDeltas: number[];
}

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

/** A function where it was called from, with the time in it and below it. */
export interface Frame {
  name: string;
  place: string;
  selfMs: number;
  totalMs: number;
  children: Frame[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const samplingMicroseconds = 500;

/** Begins to sample; what it returns ends that and gives the profile. */
export async function startProfile(inspectPort: number): Promise<() => Promise<CpuProfile>> {
  const inspector = await openInspector(inspectPort);
  await inspector.call("Profiler.enable");
  await inspector.call("Profiler.setSamplingInterval", { interval: samplingMicroseconds });
  await inspector.call("Profiler.start");
  return async () => {
    const { profile } = (await inspector.call("Profiler.stop")) as { profile: CpuProfile };
    inspector.close();
    return profile;
  };
}

/** The profile as a tree, the most expensive first. */
export function toTree({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const selfMs = new Map<number, number>();
  samples.forEach((id, index) => {
    selfMs.set(id, (selfMs.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const build = (node: ProfileNode): Frame => {
    const children = (node.children ?? []).flatMap((id) => byId.get(id) ?? []).map(build);
    children.sort((a, b) => b.totalMs - a.totalMs);
    const own = selfMs.get(node.id) ?? 0;
    const { functionName, url, lineNumber } = node.callFrame;
    return {
      name: functionName || "(anonymous)",
      place: url ? `${shorten(url)}:${lineNumber + 1}` : "",
      selfMs: own,
      totalMs: children.reduce((sum, child) => sum + child.totalMs, own),
      children,
    };
  };
  const [first] = nodes;
  if (!first) throw new Error("the profile is empty: was the server idle?");
  return build(first);
}

export interface SelfTime {
  name: string;
  place: string;
  selfMs: number;
  /** Of the time in which the process did something. */
  share: number;
}

/** Where the time went, wherever it was called from; without idleness. */
export function listSelfTimes(tree: Frame): SelfTime[] {
  const found = new Map<string, SelfTime>();
  const visit = ({ name, place, selfMs, children }: Frame): void => {
    const key = `${name} ${place}`;
    const known = found.get(key) ?? { name, place, selfMs: 0, share: 0 };
    known.selfMs += selfMs;
    found.set(key, known);
    for (const child of children) visit(child);
  };
  visit(tree);
  const all = [...found.values()].filter(({ name }) => name !== "(idle)" && name !== "(root)");
  const busyMs = all.reduce((sum, { selfMs }) => sum + selfMs, 0);
  for (const one of all) one.share = one.selfMs / busyMs;
  return all.sort((a, b) => b.selfMs - a.selfMs);
}

function shorten(url: string): string {
  const path = url.startsWith("file://") ? fileURLToPath(url) : url;
  return path.replace(root, "").replace(/^.*node_modules\//, "");
}
