/**
 * The life of the connection, as a pure function: `next(state, event)` answers the new state and what to do.
 *
 *      idle ──start──▶ connecting ──opened──▶ online ──drain_due──▶ connecting
 *                       │  ▲   │ ▲              │
 *               refused │  │   │ └──retry_due── waiting ◀── lost, failed or refused for now
 *           for good    ▼  │   │                │
 *                  refused─┘   └──network_lost─▶ offline ──network_back, probe_due──▶ connecting
 *                  (try_now)
 *      stop: from anywhere to closed, for good
 *
 * There is one timer; a change of status ends it. The table is total: every event has an answer in every state.
 */
import { backoffMs } from "./backoff.ts";
import type { RefusalReason } from "./connection-state.ts";
import type { LinkRefusal } from "./transport.ts";

/** An attempt that has neither opened nor failed after this counts as failed. */
export const attemptTimeoutMs = 20_000;
/** A connection that lasted this long proves the server well: the next loss starts with a short wait. */
export const stableAfterMs = 5_000;
/** What a browser says about the network may be wrong (a server on this machine): ask again after this. */
const offlineProbeMs = 5_000;

/** `attempt` counts failures since the connection was last stable. Times are monotonic milliseconds. */
export type MachineState =
  | { status: "idle" }
  | { status: "connecting"; step: "token" | "link"; attempt: number; isTokenRenewed: boolean }
  | { status: "online"; attempt: number; sinceMs: number; drainAtMs?: number }
  | { status: "waiting"; attempt: number; delayMs: number }
  | { status: "offline"; attempt: number }
  | { status: "refused"; reason: RefusalReason }
  | { status: "closed" };

export type MachineEvent =
  | { type: "start" }
  | { type: "token"; token: string }
  | { type: "token_failed"; reason?: RefusalReason }
  | { type: "opened" }
  | { type: "link_refused"; refusal: LinkRefusal }
  | { type: "lost" }
  | { type: "draining"; inMs: number }
  | { type: "timer"; name: TimerName }
  | { type: "network_lost" }
  | { type: "network_back" }
  | { type: "try_now" }
  | { type: "stop" };

export type TimerName = "attempt_timed_out" | "retry_due" | "drain_due" | "probe_due";

export type Effect =
  | { do: "fetch_token" }
  | { do: "open_link"; token: string }
  | { do: "close_link" }
  | { do: "set_timer"; name: TimerName; afterMs: number };

export interface Transition {
  state: MachineState;
  effects: Effect[];
}

export interface MachineContext {
  nowMs: number;
  random: () => number;
}

type Status = MachineState["status"];
type StateOf<S extends Status> = Extract<MachineState, { status: S }>;
type EventOf<T extends MachineEvent["type"]> = Extract<MachineEvent, { type: T }>;
type Rule<S extends Status, T extends MachineEvent["type"]> = (
  state: StateOf<S>,
  event: EventOf<T>,
  context: MachineContext,
) => Transition;
type Table = { [S in Status]: { [T in MachineEvent["type"]]: Rule<S, T> } };

const stay = (state: MachineState): Transition => ({ state, effects: [] });

const connect = (attempt: number, isTokenRenewed = false): Transition => ({
  state: { status: "connecting", step: "token", attempt, isTokenRenewed },
  effects: [
    { do: "close_link" },
    { do: "fetch_token" },
    { do: "set_timer", name: "attempt_timed_out", afterMs: attemptTimeoutMs },
  ],
});

const wait = (attempt: number, context: MachineContext, atLeastMs = 0): Transition => {
  const delayMs = Math.max(atLeastMs, backoffMs(attempt, context.random));
  return {
    state: { status: "waiting", attempt: attempt + 1, delayMs },
    effects: [{ do: "close_link" }, { do: "set_timer", name: "retry_due", afterMs: delayMs }],
  };
};

const goOffline = (attempt: number): Transition => ({
  state: { status: "offline", attempt },
  effects: [{ do: "close_link" }, { do: "set_timer", name: "probe_due", afterMs: offlineProbeMs }],
});

const refuse = (reason: RefusalReason): Transition => ({
  state: { status: "refused", reason },
  effects: [{ do: "close_link" }],
});

const stop = (): Transition => ({ state: { status: "closed" }, effects: [{ do: "close_link" }] });

const finalRefusals: ReadonlySet<string> = new Set([
  "token_required",
  "token_invalid",
  "user_not_found",
  "user_banned",
  "connection_limit",
] satisfies RefusalReason[]);

function isFinal(code: string | undefined): code is RefusalReason {
  return code !== undefined && finalRefusals.has(code);
}

function onLinkRefused(
  state: StateOf<"connecting">,
  { refusal }: EventOf<"link_refused">,
  context: MachineContext,
): Transition {
  if (isFinal(refusal.code)) return refuse(refusal.code);
  if (refusal.code === "token_expired" && !state.isTokenRenewed) return connect(state.attempt, true);
  return wait(state.attempt, context, refusal.retryAfterMs);
}

function onLost(state: StateOf<"online">, _event: EventOf<"lost">, context: MachineContext): Transition {
  const isStable = context.nowMs - state.sinceMs >= stableAfterMs;
  const drainingForMs = state.drainAtMs === undefined ? 0 : Math.max(0, state.drainAtMs - context.nowMs);
  return wait(isStable ? 0 : state.attempt, context, drainingForMs);
}

/** Events that mean the same wherever nothing is going on. */
const quiet = {
  start: stay,
  token: stay,
  token_failed: stay,
  opened: stay,
  link_refused: stay,
  lost: stay,
  draining: stay,
  timer: stay,
  network_lost: stay,
  network_back: stay,
  try_now: stay,
  stop,
};

const table: Table = {
  idle: { ...quiet, start: () => connect(0), try_now: () => connect(0) },
  connecting: {
    ...quiet,
    token: (state, { token }) =>
      state.step === "token"
        ? { state: { ...state, step: "link" }, effects: [{ do: "open_link", token }] }
        : stay(state),
    token_failed: (state, event, context) => (event.reason ? refuse(event.reason) : wait(state.attempt, context)),
    opened: (state, _event, context) =>
      state.step === "link"
        ? { state: { status: "online", attempt: state.attempt, sinceMs: context.nowMs }, effects: [] }
        : stay(state),
    link_refused: onLinkRefused,
    lost: (state, _event, context) => wait(state.attempt, context),
    timer: (state, { name }, context) => (name === "attempt_timed_out" ? wait(state.attempt, context) : stay(state)),
    network_lost: (state) => goOffline(state.attempt),
  },
  online: {
    ...quiet,
    lost: onLost,
    draining: (state, { inMs }, { nowMs }) => ({
      state: { ...state, drainAtMs: nowMs + inMs },
      effects: [{ do: "set_timer", name: "drain_due", afterMs: inMs }],
    }),
    timer: (state, { name }) => (name === "drain_due" ? connect(0) : stay(state)),
    network_lost: () => goOffline(0),
  },
  waiting: {
    ...quiet,
    timer: (state, { name }) => (name === "retry_due" ? connect(state.attempt) : stay(state)),
    network_lost: (state) => goOffline(state.attempt),
    network_back: () => connect(0),
    try_now: () => connect(0),
  },
  offline: {
    ...quiet,
    timer: (state, { name }) => (name === "probe_due" ? connect(state.attempt) : stay(state)),
    network_back: () => connect(0),
    try_now: () => connect(0),
  },
  refused: { ...quiet, try_now: () => connect(0) },
  closed: { ...quiet, stop: stay },
};

/** Every event type, for tests that walk the whole table. */
export const eventTypes = Object.keys(quiet) as MachineEvent["type"][];

/** Answers what becomes of a state by an event, and what to do about it. */
export function next(state: MachineState, event: MachineEvent, context: MachineContext): Transition {
  // The table pairs each rule with its own state and event; the compiler cannot follow that through two indexes.
  const rule = table[state.status][event.type] as (
    state: MachineState,
    event: MachineEvent,
    context: MachineContext,
  ) => Transition;
  return rule(state, event, context);
}
