// What the bench and its load generator say to each other.
import type { CpuTime } from "../machine/processes.ts";
import type { Load, Shape } from "../workload.ts";

/** Connects everyone and opens the rooms. */
export interface OpenOrder {
  kind: "open";
  port: number;
  jwtSecret: string;
  shape: Shape;
  /** Absent: 0. Users of another load on the same server have other numbers. */
  firstUser?: number;
}

export interface LoadOrder {
  kind: "load";
  load: Load;
  /** Readers that are not sampled take bytes without looking at them, and are counted by those. */
  isBlind: boolean;
  /** Positions are promised: each must follow the one before. */
  hasPositions: boolean;
  /** Whose CPU time is read at the beginning and the end of what is measured. */
  watch: { server: number; postgres?: number };
  /** Of back ends, where the load tells people something urgent. */
  apiKey?: string;
}

/** Connects people who will do nothing. */
export interface ConnectOrder {
  kind: "connect";
  port: number;
  jwtSecret: string;
  firstUser: number;
  count: number;
  atOnce: number;
  localAddress: string;
}

/** Fills rooms with people who come back when they are cut off, and lets them talk. */
export interface GatherOrder {
  kind: "gather";
  port: number;
  jwtSecret: string;
  rooms: number;
  membersPerRoom: number;
  messagesPerSecond: number;
  /** Everyone waits at random up to this long before coming back. */
  jitterMs: number;
}

/** Waits for those of a `gather` to be back. */
export interface FinishOrder {
  kind: "finish";
  /** When the server listened again, as `Date.now()` says it. */
  listeningAtMs: number;
}

/** Waits until everybody who is connected has got one notification more. */
export interface HearOrder {
  kind: "hear";
  timeoutMs: number;
}

/** Opens one document for everybody, and lets them type. */
export interface EditOrder {
  kind: "edit";
  /** Whose protocol is spoken. */
  server: "mirage" | "hocuspocus";
  port: number;
  jwtSecret: string;
  editors: number;
  /** Of each editor. */
  editsPerSecond: number;
  warmUpSeconds: number;
  seconds: number;
  watch: LoadOrder["watch"];
}

export type Order = OpenOrder | LoadOrder | ConnectOrder | GatherOrder | FinishOrder | HearOrder | EditOrder;

export interface OpenReport {
  kind: "opened";
  roomIds: string[];
  connections: number;
  /** Connections and joins that failed, by what was said. */
  failures: Record<string, number>;
  tookMs: number;
}

/** Between the beginning and the end of what is measured. */
export interface Span {
  seconds: number;
  deliveries: number;
  reads: number;
  bytes: number;
  server: CpuTime;
  postgresCpu: number;
  generatorCpu: number;
  /** Of the whole machine, whoever used it. */
  hostCpu: number;
}

/** Of things that are told to others: how many times they were. */
export interface SideCount {
  sent: number;
  delivered: number;
}

export interface LoadReport {
  kind: "loaded";
  sent: number;
  acked: number;
  /** Refused, unanswered or cut off, by what was said. */
  failures: Record<string, number>;
  delivered: number;
  /** Accepted messages × members. */
  expected: number;
  /** Of sampled readers: a position that does not follow the one before. */
  violations: number;
  typing: SideCount;
  /** Choices of a status, and lists of people that followed. */
  presence: SideCount;
  urgent: SideCount;
  span: Span;
  /** From the intended time of sending; of the sampled readers and of the measured span alone. */
  latenciesMs: Float32Array;
  ackLatenciesMs: Float32Array;
  typingLatenciesMs: Float32Array;
  /** From the intended time of the host's request until a connection of the person has it. */
  urgentLatenciesMs: Float32Array;
  /** How late the generator itself sent. */
  lateMs: Float32Array;
  isBlind: boolean;
}

export interface HomecomingReport {
  kind: "home";
  /** From the moment the server listened until someone was back and had everything up to then. */
  backMs: Float32Array;
  /** Who did not come back, or lacks something that was acknowledged. */
  away: number;
  attempts: number;
  violations: number;
  resets: number;
  acked: number;
  /** Sent and never answered: on its way when the server was killed. */
  unanswered: number;
  failures: Record<string, number>;
}

export interface HeardReport {
  kind: "heard";
  /** When the last one had it, as `Date.now()` says it. */
  atMs: number;
  missing: number;
}

export type Report = OpenReport | LoadReport | HomecomingReport | HeardReport;
/** One line about how far it is. */
export interface Progress {
  kind: "progress";
  line: string;
}
export interface Failure {
  kind: "failed";
  error: string;
}
