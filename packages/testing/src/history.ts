/**
 * What clients saw and what the database holds in the end, judged afterwards. Each client writes down every operation
 * as it happens, on one clock; `checkHistory` reads all of it and says which promise (see `Invariant`) was broken, where.
 */
export type HistoryEntry = SendEntry | OpenEntry | ApplyEntry | ReadEntry;

interface Entry {
  /** Milliseconds on a clock that all clients share and that never goes back. */
  atMs: number;
  client: string;
  roomId: string;
}

/** `lost`: the connection went before an answer came, so whether it was posted is unknown. */
export interface SendEntry extends Entry {
  kind: "sent" | "acked" | "refused" | "lost";
  userId: string;
  nonce: string;
  /** Of an acknowledgement. */
  seq?: number;
  messageId?: string;
  duplicate?: boolean;
}

/** An answer to `join_room` or `resume`: from here on the client is at `seq`. */
export interface OpenEntry extends Entry {
  kind: "opened";
  seq: number;
  /** The first answer, or one that says `reset: true`: what was before does not count. */
  isFresh: boolean;
}

/** An event of the room's stream. `change` names the entity, for example `message:<id>`. */
export interface ApplyEntry extends Entry {
  kind: "applied";
  seq: number;
  from?: number;
  change: string;
}

/** A page of history was read: everything from `fromSeq` on, by id. `startedAtMs` is when it was asked for. */
export interface ReadEntry extends Entry {
  kind: "read";
  startedAtMs: number;
  fromSeq: number;
  messageIds: readonly string[];
}

/** What the database holds when everything has come to rest. */
export interface FinalRoom {
  head: number;
  messages: readonly FinalMessage[];
  /** Last positions of everything else on the stream: members, the room itself. */
  otherPositions: readonly number[];
  /** What each client that follows the room shows in the end, to compare with `state`. */
  clients: Readonly<Record<string, { seq: number; state: string }>>;
  /** The state a client that starts now is given, in the same form as the clients'. */
  state: string;
}

export interface FinalMessage {
  id: string;
  userId: string;
  nonce: string | undefined;
  seq: number;
  updatedSeq: number;
}

export type FinalState = Readonly<Record<string, FinalRoom>>;

/**
 * `acknowledged`: an acknowledged send is in the database, where it was said to be · `once`: and not twice · `positions`: they
 * are 1..head · `agreement`: one position is one change for everybody · `order`: positions rise on each client and none is
 * left out · `phantoms`: nobody saw what was refused or is not there · `convergence`: in the end every client equals the
 * database · `sender order`: acknowledgements of one sender rise · `reads`: a read after an acknowledgement sees it.
 */
export type Invariant =
  | "acknowledged"
  | "once"
  | "positions"
  | "agreement"
  | "order"
  | "phantoms"
  | "convergence"
  | "sender order"
  | "reads";

export interface Violation {
  invariant: Invariant;
  roomId: string;
  client?: string;
  what: string;
}
