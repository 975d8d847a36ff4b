// T4 and T5: many small rooms, where the road of a message costs more than its way out.
import { deliversWithin, moonshot, must, p99Within, presenceTold, reaches, timesStock } from "../targets.ts";
import type { FanOut, Shape } from "../workload.ts";

export const fifty: Shape = { rooms: 50, membersPerRoom: 20, senders: 200, contentBytes: 80, sampledReaders: 100 };

export const t4: FanOut = {
  kind: "fan-out",
  name: "T4",
  title: "50 rooms × 20 members, 10,000 msg/s, committed before sent",
  shape: fifty,
  load: { messagesPerSecond: 10_000, warmUpSeconds: 2, seconds: 10 },
  ramp: { boundMs: 100, factor: 1.4, seconds: 4, maxSteps: 8 },
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: true, rampFrom: 2_000 },
    { peer: "stock", database: "postgres", hasFixedLoad: false, rampFrom: 500 },
    { peer: "limit", database: "none", hasFixedLoad: true },
  ],
  targets: [
    must("all delivered, p99 ≤ 100 ms", deliversWithin(100)),
    must("≥ 3 × stock's deliveries", timesStock(3)),
    moonshot("20,000 msg/s, p99 ≤ 100 ms", reaches(20_000, 100)),
  ],
};

export const t5: FanOut = {
  kind: "fan-out",
  name: "T5",
  title:
    "10,000 users in 1,000 rooms of 10, 1,000 msg/s, presence and typing on, for 3 minutes; a host sends 20 urgent notifications/s",
  shape: { rooms: 1_000, membersPerRoom: 10, senders: 2_000, contentBytes: 80, sampledReaders: 10_000 },
  load: {
    messagesPerSecond: 1_000,
    typingPerSecond: 200,
    presencePerSecond: 50,
    urgentPerSecond: 20,
    warmUpSeconds: 5,
    seconds: 180,
  },
  repeats: 1,
  contenders: [{ peer: "mirage", database: "postgres", hasFixedLoad: true }],
  targets: [
    must("nothing lost, delivery p99 ≤ 50 ms", deliversWithin(50)),
    must("ack p99 ≤ 50 ms", p99Within("ackLatency", 50)),
    must("typing p99 ≤ 150 ms", p99Within("typingLatency", 150)),
    must("urgent notification p99 ≤ 100 ms", p99Within("urgentLatency", 100)),
    must("a status is told to the room of 10", presenceTold(9)),
  ],
};
