import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";
import { attemptTimeoutMs, eventTypes, type MachineEvent, type MachineState, next, stableAfterMs } from "./machine.ts";

const context = { nowMs: 100_000, random: () => 0.5 };

const states: MachineState[] = [
  { status: "idle" },
  { status: "connecting", step: "token", attempt: 2, isTokenRenewed: false },
  { status: "connecting", step: "link", attempt: 2, isTokenRenewed: false },
  { status: "online", attempt: 2, sinceMs: 99_999 },
  { status: "waiting", attempt: 2, delayMs: 10 },
  { status: "offline", attempt: 2 },
  { status: "refused", reason: "user_banned" },
  { status: "closed" },
];

const samples: Record<MachineEvent["type"], MachineEvent> = {
  start: { type: "start" },
  token: { type: "token", token: "t" },
  token_failed: { type: "token_failed" },
  opened: { type: "opened" },
  link_refused: { type: "link_refused", refusal: { message: "no" } },
  lost: { type: "lost" },
  draining: { type: "draining", inMs: 500 },
  timer: { type: "timer", name: "retry_due" },
  network_lost: { type: "network_lost" },
  network_back: { type: "network_back" },
  try_now: { type: "try_now" },
  stop: { type: "stop" },
};

/** Where each event leads from each state; an empty field means that nothing changes. */
const expected: Record<string, Partial<Record<MachineEvent["type"], MachineState["status"]>>> = {
  idle: { start: "connecting", try_now: "connecting", stop: "closed" },
  "connecting/token": { token: "connecting", token_failed: "waiting", ...trying() },
  "connecting/link": { opened: "online", token_failed: "waiting", ...trying() },
  online: { lost: "waiting", draining: "online", network_lost: "offline", stop: "closed" },
  waiting: {
    timer: "connecting",
    network_lost: "offline",
    network_back: "connecting",
    try_now: "connecting",
    stop: "closed",
  },
  offline: { network_back: "connecting", try_now: "connecting", stop: "closed" },
  refused: { try_now: "connecting", stop: "closed" },
  closed: {},
};

function trying(): Partial<Record<MachineEvent["type"], MachineState["status"]>> {
  return { link_refused: "waiting", lost: "waiting", network_lost: "offline", stop: "closed" };
}

function nameOf(state: MachineState): string {
  return state.status === "connecting" ? `connecting/${state.step}` : state.status;
}

function refusedWith(code: string, state: MachineState): MachineState {
  return next(state, { type: "link_refused", refusal: { code, message: code } }, context).state;
}

describe("connection machine", () => {
  for (const state of states) {
    it(`[CON-1] ${nameOf(state)} answers every event as the table says`, () => {
      for (const type of eventTypes) {
        const { state: after } = next(state, samples[type], context);
        const status = expected[nameOf(state)]?.[type];
        if (status === undefined) expect(after, type).toBe(state);
        else expect(after.status, type).toBe(status);
      }
    });
  }

  it("[CON-2] a refusal that time does not heal stops, with its reason", () => {
    const state: MachineState = { status: "connecting", step: "link", attempt: 0, isTokenRenewed: false };
    for (const code of ["token_required", "token_invalid", "user_not_found", "user_banned", "connection_limit"]) {
      expect(refusedWith(code, state)).toEqual({ status: "refused", reason: code });
    }
    expect(refusedWith("overloaded", state).status).toBe("waiting");
  });

  it("[CON-2] an expired token is replaced at once, but only once in a row", () => {
    const first: MachineState = { status: "connecting", step: "link", attempt: 0, isTokenRenewed: false };
    const second = refusedWith("token_expired", first);
    expect(second).toMatchObject({ status: "connecting", step: "token", isTokenRenewed: true });
    expect(refusedWith("token_expired", { ...first, isTokenRenewed: true }).status).toBe("waiting");
  });

  it("[CON-3] waits are jittered over a ceiling that doubles to 30 s, and no shorter than the server asks", () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 6, 7, 60].map((attempt) => backoffMs(attempt, () => 1));
    expect(ceilings).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(backoffMs(5, () => 0)).toBe(0);
    const trying: MachineState = { status: "connecting", step: "link", attempt: 0, isTokenRenewed: false };
    const limited: MachineEvent = { type: "link_refused", refusal: { message: "slow down", retryAfterMs: 7_000 } };
    expect(next(trying, limited, context).state).toMatchObject({ status: "waiting", delayMs: 7_000 });
  });

  it("[CON-3] a connection that did not last does not reset the wait, one that lasted does", () => {
    const brief: MachineState = { status: "online", attempt: 4, sinceMs: context.nowMs - 10 };
    const long: MachineState = { status: "online", attempt: 4, sinceMs: context.nowMs - stableAfterMs };
    expect(next(brief, samples.lost, context).state).toMatchObject({ attempt: 5, delayMs: 4_000 });
    expect(next(long, samples.lost, context).state).toMatchObject({ attempt: 1, delayMs: 250 });
  });

  it("[DRN-1] a draining server is left when it said, and not come back to before", () => {
    const online: MachineState = { status: "online", attempt: 0, sinceMs: 0 };
    const { state, effects } = next(online, { type: "draining", inMs: 3_000 }, context);
    expect(effects).toEqual([{ do: "set_timer", name: "drain_due", afterMs: 3_000 }]);
    expect(next(state, { type: "timer", name: "drain_due" }, context).state.status).toBe("connecting");
    expect(next(state, samples.lost, context).state).toMatchObject({ status: "waiting", delayMs: 3_000 });
  });

  it("[CON-1] on any walk there is a way on: a timer, an answer to come, or a stop with a reason", () => {
    const event = fc.constantFrom(
      ...Object.values(samples),
      { type: "timer", name: "attempt_timed_out" } as const,
      { type: "timer", name: "drain_due" } as const,
      { type: "timer", name: "probe_due" } as const,
      { type: "token_failed", reason: "unauthenticated" } as const,
      { type: "link_refused", refusal: { code: "token_expired", message: "" } } as const,
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (walk) => {
        let state: MachineState = { status: "idle" };
        let timer: string | undefined;
        let isLinked = false;
        for (const step of walk) {
          if (step.type === "timer" && step.name !== timer) continue;
          if (step.type === "timer") timer = undefined;
          const before: MachineState["status"] = state.status;
          const result = next(state, step, context);
          state = result.state;
          if (state.status !== before) timer = undefined;
          for (const effect of result.effects) {
            if (effect.do === "set_timer") timer = effect.name;
            if (effect.do === "open_link") isLinked = true;
            if (effect.do === "close_link") isLinked = false;
          }
          if (before === "closed") expect(state.status).toBe("closed");
          if (state.status === "connecting") expect(timer).toBe("attempt_timed_out");
          if (state.status === "waiting") expect(timer).toBe("retry_due");
          if (state.status === "offline") expect(timer).toBe("probe_due");
          if (state.status === "online") expect(isLinked).toBe(true);
          if (["waiting", "offline", "refused", "closed", "idle"].includes(state.status)) expect(isLinked).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
    expect(attemptTimeoutMs).toBeGreaterThan(10_000);
  });
});
