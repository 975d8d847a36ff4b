import type { Workload } from "../workload.ts";
import { commit } from "./commit.ts";
import { t12 } from "./documents.ts";
import { t11ManyRooms, t11OneRoom } from "./embedded.ts";
import { fairness } from "./fairness.ts";
import { longDocument } from "./long-document.ts";
import { t7, t7TwoProcesses, t8 } from "./many-people.ts";
import { t4, t5 } from "./many-rooms.ts";
import { t1, t3, t6 } from "./one-room.ts";
import { comeOnline, tellAway, tellThere } from "./people.ts";
import { t2 } from "./transport.ts";

/** In the order they run. */
export const workloads: readonly Workload[] = [
  t1,
  t2,
  t3,
  t4,
  t5,
  t6,
  t7,
  t7TwoProcesses,
  t8,
  t11OneRoom,
  t11ManyRooms,
  t12,
  longDocument,
  commit,
  fairness,
  tellAway,
  tellThere,
  comeOnline,
];

/** Targets whose workload is not written yet, and what it waits for. */
export const missing: Readonly<Record<string, string>> = {
  T9: "2,000 clients whose TCP is cut again and again",
  T10: "two nodes, senders on one and readers on the other",
  T13: "history of a room with a million messages",
  T14: "the web page",
  T15: "60 minutes of mixed load",
};

/** Servers one could compare with, which nothing here starts. */
export const missingPeers: readonly string[] = [
  "uWebSockets.js (not in the npm registry)",
  "Bun (another runtime)",
  "NATS over websocket, ejabberd, Centrifugo (programs of their own)",
];

/** @throws naming what there is, when a name is of no workload. */
export function findWorkloads(names: readonly string[]): Workload[] {
  const wanted = names.map((name) => name.toUpperCase());
  for (const name of wanted) {
    if (missing[name]) throw new Error(`${name} is not there yet: ${missing[name]}. See --list.`);
    if (!workloads.some((workload) => workload.name.toUpperCase() === name))
      throw new Error(`There is no ${name}; see --list.`);
  }
  return workloads.filter((workload) => wanted.length === 0 || wanted.includes(workload.name.toUpperCase()));
}
