// Whether a busy room holds up the others.
import { figure, must } from "../targets.ts";
import type { Fairness } from "../workload.ts";

export const fairness: Fairness = {
  kind: "fairness",
  name: "fairness",
  title: "20 quiet rooms of 10 with 2 msg/s each, by themselves and beside a room of 20 that is offered 3,000 msg/s",
  quiet: {
    shape: { rooms: 20, membersPerRoom: 10, senders: 20, contentBytes: 80, sampledReaders: 200 },
    load: { messagesPerSecond: 40, warmUpSeconds: 2, seconds: 20 },
  },
  busy: {
    shape: { rooms: 1, membersPerRoom: 20, senders: 20, contentBytes: 80, sampledReaders: 20 },
    load: { messagesPerSecond: 3_000, warmUpSeconds: 1 },
  },
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: false },
    { peer: "mirage", database: "pglite", hasFixedLoad: false },
  ],
  targets: [
    must("quiet rooms' p99 ≤ 2 × beside a busy one", figure("times as long", { max: 2 })),
    must("nothing missing in quiet rooms", figure("missing in quiet rooms", { max: 0 })),
  ],
};
