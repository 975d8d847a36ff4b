// What telling costs: a whole room that is told something, and people who are told of each other.
import { figure, must } from "../targets.ts";
import type { ComeOnline, TellRoom } from "../workload.ts";

const tellAndTalk: Omit<TellRoom, "title" | "part" | "areThere"> = {
  kind: "tell-room",
  name: "tell-room",
  members: 10_000,
  quiet: {
    shape: { rooms: 20, membersPerRoom: 10, senders: 20, contentBytes: 80, sampledReaders: 200 },
    load: { messagesPerSecond: 40, warmUpSeconds: 2, seconds: 20 },
  },
  contenders: [{ peer: "mirage", database: "postgres", hasFixedLoad: false }],
  targets: [
    must("10,000 told ≤ 2 s", figure("s until all are told", { max: 2 })),
    must("nobody left out", figure("not told", { max: 0 })),
    must("chat p99 in other rooms ≤ 2 × meanwhile", figure("times as long", { max: 2 })),
    must("nothing missing in other rooms", figure("missing in quiet rooms", { max: 0 })),
  ],
};

export const tellAway: TellRoom = {
  ...tellAndTalk,
  part: "nobody there",
  title: "a host tells a room of 10,000 again and again, of whom nobody is connected, while 20 rooms of 10 talk",
  areThere: false,
};

export const tellThere: TellRoom = {
  ...tellAndTalk,
  part: "all there",
  title:
    "a host tells a room of 10,000 again and again, all of whom are connected and hear it, while 20 rooms of 10 talk",
  areThere: true,
};

export const comeOnline: ComeOnline = {
  kind: "come-online",
  name: "come-online",
  title:
    "2,000 people come online who share rooms of 20, in turn with 2,000 who have each a room of their own: the price of presence among others",
  people: 2_000,
  peoplePerRoom: 20,
  rounds: 4,
  repeats: 1,
  contenders: [{ peer: "mirage", database: "postgres", hasFixedLoad: false }],
  targets: [
    must("connecting takes ≤ 1.3 × as long", figure("times as long", { max: 1.3 })),
    must("they are told of each other", figure("events about people", { min: 2_000 })),
  ],
};
