// What the database takes when it is given as much as it can: the upper bound of everything that is committed before it
// is sent.
import { figure, must } from "../targets.ts";
import type { Commit } from "../workload.ts";

export const commit: Commit = {
  kind: "commit",
  name: "commit",
  title: "mixed changes in batches of 300 to 50 rooms: posts, edits, deletions, reactions, pins, marks",
  shape: { rooms: 50, membersPerRoom: 20, contentBytes: 80 },
  users: 200,
  batchItems: 300,
  warmUpSeconds: 2,
  seconds: 10,
  contenders: [
    { peer: "mirage", database: "postgres", hasFixedLoad: false },
    { peer: "mirage", database: "pglite", hasFixedLoad: false },
  ],
  targets: [must("≥ 20,000 changes/s on Postgres", figure("changes/s", { min: 20_000 }))],
};
