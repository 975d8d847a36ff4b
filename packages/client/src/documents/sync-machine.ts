/**
 * How one document is kept in step with the server, as a pure function: `next(state, event)` answers the new state and
 * what to do.
 *
 *     loading ──loaded──▶ offline ──connected──▶ joining ──joined──▶ live ──refused edit, missed──▶ joining
 *                            ▲                    │  ▲ ▲              │
 *                            └── disconnected     │  │ └──timer── pausing ◀── refused for now
 *                                (from anywhere)  ▼  │
 *                                               refused ◀── evicted, refused for good
 *      close: from anywhere to closed
 *
 * The queue holds one's own edits that the server has not confirmed, in order. They go out in that order, each by
 * itself. Sending one again is harmless: an edit that the server knows is a duplicate and changes nothing. So whatever
 * went wrong, the answer is the same: join again, and send what is still in the queue.
 *
 * A change of status ends the one timer. An answer counts only for the joining after which it was asked for (`run`);
 * that an edit is confirmed counts always.
 */
import type { DocumentRole } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { backoffMs } from "../connection/backoff.ts";
import { RealtimeError } from "../lib/error.ts";

/** One's own edit that is not confirmed. */
export interface QueuedEdit {
  readonly id: number;
  readonly byteCount: number;
  /** An edit is kept on this device before it is sent. */
  readonly isStored: boolean;
}

export interface SyncState {
  readonly status: "loading" | "offline" | "joining" | "live" | "pausing" | "refused" | "closed";
  readonly isConnected: boolean;
  readonly queue: readonly QueuedEdit[];
  /** So many of the queue, from its front, are on their way. */
  readonly sentCount: number;
  /** So many may be on their way at once. */
  readonly maxSent: number;
  /** Counts joinings. */
  readonly run: number;
  /** Failures in a row that waiting may mend. */
  readonly failureCount: number;
  /** Edits refused in a row that waiting does not mend. */
  readonly refusalCount: number;
  /** Whether a pause ends with joining; else sending goes on where it stopped. */
  readonly mustJoin: boolean;
  /** Whether there is anything of the document to show. */
  readonly hasCopy: boolean;
  readonly hasJoined: boolean;
  /** Whether the last attempt to reach the document failed. */
  readonly isUnreachable: boolean;
  readonly role?: DocumentRole;
  /** Only while `refused`. */
  readonly error?: RealtimeError;
}

export type SyncEvent =
  | { type: "loaded"; edits: readonly QueuedEdit[]; hasCopy: boolean }
  | { type: "connected" }
  /** There is no connection and, for now, none under way. */
  | { type: "unreachable" }
  | { type: "joined"; run: number; role: DocumentRole }
  | { type: "join_failed"; run: number; error: RealtimeError }
  | { type: "edited"; edit: QueuedEdit }
  | { type: "stored"; id: number }
  | { type: "confirmed"; id: number }
  | { type: "edit_failed"; id: number; run: number; error: RealtimeError }
  /** What the server lacks stands in for these edits. */
  | { type: "repaired"; ids: readonly number[]; edits: readonly QueuedEdit[] }
  | { type: "role_changed"; role: DocumentRole }
  | { type: "evicted"; error: RealtimeError }
  /** The document was closed for its role to change: it may be joined again. */
  | { type: "readmitted" }
  /** Something of the document's stream did not come. */
  | { type: "missed" }
  | { type: "timer" }
  | { type: "close" };

export type SyncEffect =
  | { do: "join"; run: number }
  | { do: "send"; id: number; run: number }
  /** Put what the server lacks in the place of the queue, and say so by `repaired`. */
  | { do: "repair" }
  /** Take another Yjs client id: this one is somebody else's. */
  | { do: "renew_client_id" }
  /** Delete what is kept of the document on this device. */
  | { do: "forget" }
  | { do: "leave" }
  | { do: "set_timer"; afterMs: number };

export interface SyncTransition {
  state: SyncState;
  effects: SyncEffect[];
}

/** So many edits are on their way at once, until one is refused: from there on one, until none waits. */
const maxSentEdits = 8;
/** The shortest pause before a repeat, where the server named none or a shorter one. */
const minPauseMs = 50;
/** At the second refusal in a row the queue is repaired, at the third it is given up. */
const refusalsBeforeRepair = 2;
const refusalsBeforeEnd = 3;

export const firstSyncState: SyncState = {
  status: "loading",
  isConnected: false,
  queue: [],
  sentCount: 0,
  maxSent: maxSentEdits,
  run: 0,
  failureCount: 0,
  refusalCount: 0,
  mustJoin: false,
  hasCopy: false,
  hasJoined: false,
  isUnreachable: false,
};

/** Refusals of an edit that no repetition mends. */
const finalCodes: ReadonlySet<string> = new Set(["too_large", "document_full", "client_id_taken", "disabled"]);
/** Refusals that come before an edit is looked at: the next ones are judged as if it had not been sent. */
const unjudgedCodes: ReadonlySet<string> = new Set(["rate_limited", "overloaded"]);
/** Refusals that mean: this is not one's own any more. */
const rightsCodes: ReadonlySet<string> = new Set(["forbidden", "not_found"]);

type EventOf<T extends SyncEvent["type"]> = Extract<SyncEvent, { type: T }>;
type Rules = {
  [T in SyncEvent["type"]]: (state: SyncState, event: EventOf<T>, random: () => number) => SyncTransition;
};

const stay = (state: SyncState): SyncTransition => ({ state, effects: [] });

/** A fault of the server may pass, too. */
const mayPass = ({ code, retryable }: RealtimeError) => retryable || code === "internal";

/** The loss of the connection is told by an event of its own. */
const isLoss = ({ code }: RealtimeError) => code === "disconnected" || code === "closed";

/** Whether the server counts this connection among those that have the document open, or soon will. */
const isFollowing = ({ status }: SyncState) => status === "joining" || status === "live" || status === "pausing";

function join(state: SyncState): SyncTransition {
  const { error: _, ...rest } = state;
  const run = state.run + 1;
  return { state: { ...rest, status: "joining", sentCount: 0, run }, effects: [{ do: "join", run }] };
}

function goOffline(state: SyncState): SyncTransition {
  const { error: _, ...rest } = state;
  return stay({ ...rest, status: "offline", sentCount: 0, failureCount: 0, refusalCount: 0 });
}

function pause(state: SyncState, wait: { error: RealtimeError; mustJoin: boolean; random: () => number }) {
  const afterMs = Math.max(minPauseMs, wait.error.retryAfterMs ?? backoffMs(state.failureCount, wait.random));
  const { mustJoin } = wait;
  const failureCount = state.failureCount + 1;
  const paused: SyncState = { ...state, status: "pausing", sentCount: 0, maxSent: 1, mustJoin, failureCount };
  return { state: paused, effects: [{ do: "set_timer", afterMs }] } satisfies SyncTransition;
}

/** Edits that are not confirmed stay, on show and on this device; without any, nothing of the document is kept. */
function refuse(state: SyncState, error: RealtimeError): SyncTransition {
  const refused: SyncState = { ...state, status: "refused", sentCount: 0, error };
  const isForgotten = rightsCodes.has(error.code) && state.queue.length === 0;
  return { state: refused, effects: isForgotten ? [{ do: "forget" }] : [] };
}

/** Sends as many as may be on their way. One too large for the socket goes another way, and therefore alone. */
function send(state: SyncState): SyncTransition {
  if (state.status !== "live") return stay(state);
  const { queue, maxSent, run } = state;
  const effects: SyncEffect[] = [];
  let { sentCount } = state;
  for (let edit = queue[sentCount]; edit?.isStored && sentCount < maxSent; edit = queue[sentCount]) {
    if (sentCount > 0 && [queue[0], edit].some((one) => one && isLarge(one.byteCount))) break;
    effects.push({ do: "send", id: edit.id, run });
    sentCount += 1;
  }
  return { state: { ...state, sentCount }, effects };
}

/** Whether an edit is too large for one message of the socket. */
export function isLarge(byteCount: number): boolean {
  return byteCount > limits.updateBytes;
}

/** Goes on after a joining, by what the role allows and by what was refused before. */
function goOn(state: SyncState): SyncTransition {
  if (state.queue.length === 0) return stay({ ...state, failureCount: 0, refusalCount: 0, maxSent: maxSentEdits });
  if (state.role !== "edit") return refuse(state, new RealtimeError("forbidden", "You may not edit this document"));
  if (state.refusalCount >= refusalsBeforeRepair) return { state, effects: [{ do: "repair" }] };
  return send(state);
}

function onJoinFailed(state: SyncState, { run, error }: EventOf<"join_failed">, random: () => number): SyncTransition {
  if (state.status !== "joining" || run !== state.run || isLoss(error)) return stay(state);
  if (mayPass(error)) return pause({ ...state, isUnreachable: true }, { error, mustJoin: true, random });
  const refusalCount = state.refusalCount + 1;
  // What was written under an id keeps it: only a document without edits of its own can take another.
  if (error.code === "client_id_taken" && state.queue.length === 0 && refusalCount < refusalsBeforeEnd) {
    const again = join({ ...state, refusalCount });
    return { ...again, effects: [{ do: "renew_client_id" }, ...again.effects] };
  }
  return refuse(state, error);
}

function onEditFailed(state: SyncState, event: EventOf<"edit_failed">, random: () => number): SyncTransition {
  const { id, run, error } = event;
  const isOnItsWay = state.queue.slice(0, state.sentCount).some((edit) => edit.id === id);
  if (state.status !== "live" || run !== state.run || !isOnItsWay || isLoss(error)) return stay(state);
  if (mayPass(error)) {
    // What was sent behind it met a gap; and where the outcome is not known, the server must say what it has.
    const mustJoin = state.sentCount > 1 || !unjudgedCodes.has(error.code);
    return pause(state, { error, mustJoin, random });
  }
  const refusalCount = state.refusalCount + 1;
  if (finalCodes.has(error.code) || refusalCount >= refusalsBeforeEnd) return refuse(state, error);
  return join({ ...state, refusalCount, maxSent: 1 });
}

function onConfirmed(state: SyncState, { id }: EventOf<"confirmed">): SyncTransition {
  const index = state.queue.findIndex((edit) => edit.id === id);
  if (index < 0) return stay(state);
  const queue = state.queue.filter((edit) => edit.id !== id);
  const sentCount = index < state.sentCount ? state.sentCount - 1 : state.sentCount;
  const maxSent = queue.length === 0 ? maxSentEdits : state.maxSent;
  return send({ ...state, queue, sentCount, maxSent, failureCount: 0, refusalCount: 0 });
}

const rules: Rules = {
  loaded: (state, { edits, hasCopy }) => {
    if (state.status !== "loading") return stay(state);
    const loaded = { ...state, queue: [...edits, ...state.queue], hasCopy };
    return state.isConnected ? join(loaded) : stay({ ...loaded, status: "offline" });
  },
  connected: (state) => {
    const connected = { ...state, isConnected: true };
    return state.status === "offline" || state.status === "refused" ? join(connected) : stay(connected);
  },
  unreachable: (state) => {
    const apart = { ...state, isConnected: false, isUnreachable: true };
    return state.status === "loading" || state.status === "refused" ? stay(apart) : goOffline(apart);
  },
  joined: (state, { run, role }) => {
    if (state.status !== "joining" || run !== state.run) return stay(state);
    return goOn({ ...state, status: "live", role, hasCopy: true, hasJoined: true, isUnreachable: false });
  },
  join_failed: onJoinFailed,
  edited: (state, { edit }) => {
    const edited = { ...state, queue: [...state.queue, edit] };
    return state.status === "live" && state.role !== "edit" ? goOn(edited) : send(edited);
  },
  stored: (state, { id }) =>
    send({ ...state, queue: state.queue.map((edit) => (edit.id === id ? { ...edit, isStored: true } : edit)) }),
  confirmed: onConfirmed,
  edit_failed: onEditFailed,
  repaired: (state, { ids, edits }) => {
    const queue = [...edits, ...state.queue.filter(({ id }) => !ids.includes(id))];
    return send({ ...state, queue, sentCount: 0 });
  },
  role_changed: (state, { role }) => {
    const changed = { ...state, role };
    if (state.status === "refused" && state.isConnected) return join(changed);
    return state.status === "live" ? goOn(changed) : stay(changed);
  },
  evicted: (state, { error }) => (isFollowing(state) ? refuse(state, error) : stay(state)),
  readmitted: (state) =>
    state.status === "live" || (state.status === "refused" && state.isConnected) ? join(state) : stay(state),
  missed: (state) => (state.status === "live" ? join(state) : stay(state)),
  timer: (state) => {
    if (state.status !== "pausing") return stay(state);
    return state.mustJoin ? join(state) : send({ ...state, status: "live" });
  },
  close: (state) => {
    const { error: _, ...rest } = state;
    const closed: SyncState = { ...rest, status: "closed", sentCount: 0 };
    return { state: closed, effects: isFollowing(state) ? [{ do: "leave" }] : [] };
  },
};

/** Every event type, for tests that walk through all of them. */
export const syncEventTypes = Object.keys(rules) as SyncEvent["type"][];

/** Answers what becomes of a state by an event, and what to do about it. `random` gives numbers from 0 up to 1. */
export function next(state: SyncState, event: SyncEvent, random: () => number): SyncTransition {
  if (state.status === "closed") return stay(state);
  // The table pairs each rule with its own event; the compiler cannot follow that through the index.
  const rule = rules[event.type] as (state: SyncState, event: SyncEvent, random: () => number) => SyncTransition;
  return rule(state, event, random);
}
