// T2: the way out alone. The server makes ten messages at a time; who needs the least CPU to bring them out?
import { moonshot, must, shareOfLimit } from "../targets.ts";
import type { FanOut } from "../workload.ts";
import { thousand } from "./one-room.ts";

export const t2: FanOut = {
  kind: "fan-out",
  name: "T2",
  title: "one room of 1,000, transport only, 10 frames a write",
  shape: { ...thousand, senders: 0 },
  load: { messagesPerSecond: 0, flood: { messagesPerWrite: 10, writesPerSecond: 50 }, warmUpSeconds: 2, seconds: 8 },
  contenders: [
    { peer: "mirage-transport", database: "pglite", hasFixedLoad: true },
    { peer: "limit", database: "none", hasFixedLoad: true },
  ],
  targets: [
    must("≥ 85 % of limit's deliveries per CPU second", shareOfLimit(0.85)),
    moonshot("≥ 95 %", shareOfLimit(0.95)),
  ],
};
