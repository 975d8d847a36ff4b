import type { Target } from "./targets.ts";

export type PeerName = "mirage" | "stock" | "ws" | "limit" | "mirage-transport" | "hocuspocus";
export type DatabaseKind = "postgres" | "pglite" | "none";

/** Who sits where: every member has one room open, and the senders are the first members of each room. */
export interface Shape {
  rooms: number;
  membersPerRoom: number;
  senders: number;
  /** Length of a message's text. */
  contentBytes: number;
  /** Readers whose every event is looked at; the others are counted. */
  sampledReaders: number;
}

/** What is sent, by a schedule that does not wait for answers. */
export interface Load {
  messagesPerSecond: number;
  typingPerSecond?: number;
  /** People who choose another status, of which everybody in their room is told. */
  presencePerSecond?: number;
  /** A host tells single people at random something urgent, over REST. */
  urgentPerSecond?: number;
  /** The server makes the messages itself: so many in one write to each connection. */
  flood?: Flood;
  /** Sent as well, and not measured. */
  warmUpSeconds: number;
  seconds: number;
}

export interface Flood {
  messagesPerWrite: number;
  writesPerSecond: number;
}

/** One server on one database, and what is asked of it. */
export interface Contender {
  peer: PeerName;
  database: DatabaseKind;
  /** It gets the workload's load, which the others are known not to hold. */
  hasFixedLoad: boolean;
  /** The ramp starts at this many messages a second; absent: no ramp. */
  rampFrom?: number;
}

/** Raises the load step by step, to find the largest that holds. */
export interface Ramp {
  /** Of the delivery: a step holds where its 99th percentile is below and everything is delivered. */
  boundMs: number;
  factor: number;
  seconds: number;
  maxSteps: number;
}

interface Common {
  /** As the table of targets calls it. */
  name: string;
  /** Where one target has several loads: which. */
  part?: string;
  title: string;
  contenders: readonly Contender[];
  targets: readonly Target[];
  /** At most so often; absent: as often as everything else. */
  repeats?: number;
}

/** Messages into rooms. */
export interface FanOut extends Common {
  kind: "fan-out";
  shape: Shape;
  load: Load;
  ramp?: Ramp;
}

/** Connections that do nothing. */
export interface Idle extends Common {
  kind: "idle";
  connections: number;
  /** Servers on one database, each with its part of the connections; absent: one. */
  processes?: number;
  /** Before memory is looked at. */
  settleSeconds: number;
}

/** The server is killed and started again on the same data. */
export interface Restart extends Common {
  kind: "restart";
  shape: Pick<Shape, "rooms" | "membersPerRoom">;
  messagesPerSecond: number;
  /** Everyone waits at random up to this long before coming back. */
  jitterMs: number;
}

/** Batches of mixed changes to the database, by the server's own writer, with nobody listening. */
export interface Commit extends Common {
  kind: "commit";
  shape: Pick<Shape, "rooms" | "membersPerRoom" | "contentBytes">;
  users: number;
  /** Changes in one call of the database; the server takes at most 300. */
  batchItems: number;
  warmUpSeconds: number;
  seconds: number;
}

/** The same messages into quiet rooms twice: by themselves, and beside a busy room. */
export interface Fairness extends Common {
  kind: "fairness";
  quiet: { shape: Shape; load: Load };
  /** Its load lasts as long as that of the quiet rooms. */
  busy: { shape: Shape; load: Omit<Load, "seconds"> };
}

/** A host tells everybody in one room, again and again, while others talk in theirs. */
export interface TellRoom extends Common {
  kind: "tell-room";
  members: number;
  /** Everybody in the room is connected and hears it; or they are members, and nobody is there. */
  areThere: boolean;
  quiet: { shape: Shape; load: Load };
}

/** Everybody connects at once: people who share rooms, and as many who have each their own, in turn. */
export interface ComeOnline extends Common {
  kind: "come-online";
  people: number;
  peoplePerRoom: number;
  /** Of each kind on one server. */
  rounds: number;
}

/** Everybody types into one document. */
export interface Documents extends Common {
  kind: "documents";
  editors: number;
  /** Of each editor. */
  editsPerSecond: number;
  warmUpSeconds: number;
  seconds: number;
}

/** One document that was edited very often, and large ones that are opened. */
export interface LongDocument extends Common {
  kind: "long-document";
  edits: number;
  authors: number;
  /** Of each that is opened, at least. */
  openedBytes: number;
  openings: number;
}

export type Workload = FanOut | Idle | Restart | Commit | Fairness | TellRoom | ComeOnline | Documents | LongDocument;

export function labelOf({ peer, database }: Contender): string {
  return database === "none" ? peer : `${peer} on ${database === "postgres" ? "Postgres" : "PGlite"}`;
}

export function nameOf({ name, part }: Workload): string {
  return part ? `${name} ${part}` : name;
}
