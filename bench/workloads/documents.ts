import { cpuOfHocuspocus, deliversWithin, moonshot, must } from "../targets.ts";
import type { Documents } from "../workload.ts";

export const t12: Documents = {
  kind: "documents",
  name: "T12",
  title: "a document with 20 editors at 10 updates/s each, stored before they are answered",
  editors: 20,
  editsPerSecond: 10,
  warmUpSeconds: 3,
  seconds: 20,
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: true },
    { peer: "hocuspocus", database: "postgres", hasFixedLoad: true },
    { peer: "mirage", database: "pglite", hasFixedLoad: true },
  ],
  targets: [
    must("all delivered, echo p99 ≤ 50 ms", deliversWithin(50)),
    must("CPU ≤ Hocuspocus's", cpuOfHocuspocus(1)),
    moonshot("CPU ≤ 0.5 × Hocuspocus's", cpuOfHocuspocus(0.5)),
  ],
};
