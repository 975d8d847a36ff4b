// T11: the embedded database, with the loads of T1 and half of T4.
import { deliversWithin, moonshot, must, reaches } from "../targets.ts";
import type { FanOut } from "../workload.ts";
import { fifty } from "./many-rooms.ts";
import { thousand } from "./one-room.ts";

const mirage = { peer: "mirage", hasFixedLoad: true } as const;

export const t11OneRoom: FanOut = {
  kind: "fan-out",
  name: "T11",
  part: "one room",
  title: "PGlite: one room, 1,000 members, 1,000 msg/s",
  shape: thousand,
  load: { messagesPerSecond: 1_000, warmUpSeconds: 2, seconds: 10 },
  ramp: { boundMs: 100, factor: 1.4, seconds: 4, maxSteps: 8 },
  contenders: [
    { ...mirage, database: "pglite", rampFrom: 500 },
    { ...mirage, database: "postgres" },
  ],
  targets: [
    must("all delivered, p99 ≤ 100 ms", deliversWithin(100)),
    moonshot("5,000 msg/s, p99 ≤ 100 ms", reaches(5_000, 100)),
  ],
};

export const t11ManyRooms: FanOut = {
  kind: "fan-out",
  name: "T11",
  part: "50 rooms",
  title: "PGlite: 50 rooms × 20 members, 5,000 msg/s",
  shape: fifty,
  load: { messagesPerSecond: 5_000, warmUpSeconds: 2, seconds: 10 },
  ramp: { boundMs: 100, factor: 1.4, seconds: 4, maxSteps: 8 },
  contenders: [
    { ...mirage, database: "pglite", rampFrom: 1_000 },
    { ...mirage, database: "postgres" },
  ],
  targets: [
    must("all delivered, p99 ≤ 100 ms", deliversWithin(100)),
    moonshot("20,000 msg/s, p99 ≤ 100 ms", reaches(20_000, 100)),
  ],
};
