// T7 and T8: what many people cost who do nothing, and who all come back at once.
import { figure, moonshot, must } from "../targets.ts";
import type { Idle, Restart } from "../workload.ts";

export const t7: Idle = {
  kind: "idle",
  name: "T7",
  title: "idle connections, authenticated",
  connections: 18_000,
  // Past the first heartbeat (25 s): until then each connection holds on to what it said when it came.
  settleSeconds: 28,
  repeats: 2,
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: false },
    { peer: "stock", database: "postgres", hasFixedLoad: false },
  ],
  targets: [
    must("≥ 18,000 in one process", figure("connections", { min: 18_000 })),
    must("≤ 14 KB each", figure("KB of memory each", { max: 14 })),
    must("≥ 2,500 connects/s", figure("connects/s", { min: 2_500 })),
    moonshot("≤ 8 KB each", figure("KB of memory each", { max: 8 })),
    moonshot("≥ 4,000 connects/s", figure("connects/s", { min: 4_000 })),
  ],
};

export const t7TwoProcesses: Idle = {
  kind: "idle",
  name: "T7",
  part: "two processes",
  title: "38,000 idle connections over two processes on one Postgres",
  connections: 38_000,
  processes: 2,
  settleSeconds: 8,
  repeats: 1,
  contenders: [{ peer: "mirage", database: "postgres", hasFixedLoad: false }],
  targets: [moonshot("38,000 over two processes", figure("connections", { min: 38_000 }))],
};

export const t8: Restart = {
  kind: "restart",
  name: "T8",
  title: "kill -9 and restart under 5,000 clients in 100 rooms, who come back within 2 s at random",
  shape: { rooms: 100, membersPerRoom: 50 },
  messagesPerSecond: 100,
  jitterMs: 2_000,
  repeats: 3,
  contenders: [{ peer: "mirage", database: "postgres", hasFixedLoad: false }],
  targets: [
    must("all back and caught up ≤ 6 s after it listens", figure("s until all are back", { max: 6 })),
    must("nothing lost, nothing twice", figure("lost, twice or missing", { max: 0 })),
    must("event loop stall ≤ 250 ms", figure("ms of the longest stall", { max: 250 })),
    must("message reads ≤ rooms", figure("message reads a room", { max: 1 })),
    must("reads of people in sets of ≥ 100", figure("people a read", { min: 100 })),
    moonshot("all back ≤ 3 s", figure("s until all are back", { max: 3 })),
  ],
};
