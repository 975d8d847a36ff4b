// T1, T3 and T6: everybody in one room. The more messages, the more of them share a write.
import { cpuAtMost, deliversWithin, moonshot, must, reaches, timesStock } from "../targets.ts";
import type { FanOut, Shape } from "../workload.ts";

export const thousand: Shape = {
  rooms: 1,
  membersPerRoom: 1_000,
  senders: 50,
  contentBytes: 80,
  sampledReaders: 50,
};

export const t1: FanOut = {
  kind: "fan-out",
  name: "T1",
  title: "one room, 1,000 members, 50 of them send 1,000 msg/s, committed before sent",
  shape: thousand,
  load: { messagesPerSecond: 1_000, warmUpSeconds: 2, seconds: 10 },
  ramp: { boundMs: 50, factor: 1.4, seconds: 4, maxSteps: 8 },
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: true, rampFrom: 700 },
    { peer: "stock", database: "postgres", hasFixedLoad: false, rampFrom: 30 },
    { peer: "ws", database: "none", hasFixedLoad: false, rampFrom: 30 },
    { peer: "limit", database: "none", hasFixedLoad: true },
  ],
  targets: [
    must("all delivered, p99 ≤ 50 ms", deliversWithin(50)),
    must("≥ 10 × stock's deliveries", timesStock(10)),
    moonshot("5,000 msg/s, p99 ≤ 100 ms", reaches(5_000, 100)),
    moonshot("≥ 50 × stock's deliveries", timesStock(50)),
  ],
};

export const t3: FanOut = {
  kind: "fan-out",
  name: "T3",
  title: "100 msg/s into 1,000 members: nothing to coalesce",
  shape: thousand,
  load: { messagesPerSecond: 100, warmUpSeconds: 2, seconds: 10 },
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: true },
    { peer: "stock", database: "postgres", hasFixedLoad: true },
    { peer: "ws", database: "none", hasFixedLoad: true },
    { peer: "limit", database: "none", hasFixedLoad: true },
  ],
  targets: [
    must("p99 ≤ 25 ms", deliversWithin(25)),
    must("CPU ≤ 0.85 × stock", cpuAtMost(0.85)),
    moonshot("CPU ≤ 0.6 × stock", cpuAtMost(0.6)),
  ],
};

export const t6: FanOut = {
  kind: "fan-out",
  name: "T6",
  title: "one room of 5,000, 100 msg/s",
  shape: { ...thousand, membersPerRoom: 5_000 },
  load: { messagesPerSecond: 100, warmUpSeconds: 2, seconds: 10 },
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: true },
    { peer: "limit", database: "none", hasFixedLoad: true },
  ],
  targets: [must("p99 ≤ 150 ms", deliversWithin(150)), moonshot("p99 ≤ 100 ms", deliversWithin(100))],
};
