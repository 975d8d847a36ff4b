import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RealtimeError, type RealtimeErrorCode } from "../lib/error.ts";
import {
  firstSyncState,
  next,
  type QueuedEdit,
  type SyncEffect,
  type SyncEvent,
  type SyncState,
  syncEventTypes,
} from "./sync-machine.ts";

const half = () => 0.5;
const fail = (code: RealtimeErrorCode, retryAfterMs?: number) => new RealtimeError(code, code, { retryAfterMs });
const edit = (id: number, byteCount = 100): QueuedEdit => ({ id, byteCount, isStored: true });
const edits = (count: number) => Array.from({ length: count }, (_, index) => edit(index + 1));
const sent = (effects: readonly SyncEffect[]) => effects.flatMap((effect) => (effect.do === "send" ? [effect.id] : []));

/** Plays events; answers the last state and the effects of the last event. */
function play(events: readonly SyncEvent[], from: SyncState = firstSyncState) {
  let state = from;
  let effects: SyncEffect[] = [];
  for (const event of events) ({ state, effects } = next(state, event, half));
  return { state, effects };
}

const opened = (...queue: QueuedEdit[]): SyncEvent[] => [
  { type: "connected" },
  { type: "loaded", edits: queue, hasCopy: queue.length > 0 },
  { type: "joined", run: 1, role: "edit" },
];

describe("sync machine", () => {
  it("[CLI-20] an edit goes out only when it is kept, and the first ones of the queue in order", () => {
    const unstored = { ...edit(2), isStored: false };
    const { state, effects } = play(opened(edit(1), unstored, edit(3)));
    expect(sent(effects)).toEqual([1]);
    expect(sent(play([{ type: "stored", id: 2 }], state).effects)).toEqual([2, 3]);
  });

  it("[CLI-20] a few are on their way at once; each confirmed one makes way for the next", () => {
    const { state, effects } = play(opened(...edits(12)));
    expect(sent(effects)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const after = play([{ type: "confirmed", id: 1 }], state);
    expect(sent(after.effects)).toEqual([9]);
    expect(after.state.queue.map(({ id }) => id)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it("[CLI-20] after a refusal it joins again and sends all that is not confirmed, one by one", () => {
    const { state } = play(opened(...edits(3)));
    const refused = play([{ type: "edit_failed", id: 1, run: 1, error: fail("bad_update") }], state);
    expect(refused.effects).toEqual([{ do: "join", run: 2 }]);
    // What was sent behind the refused one is answered, too, and says nothing new.
    const stale = play([{ type: "edit_failed", id: 2, run: 1, error: fail("bad_update") }], refused.state);
    expect(stale).toEqual({ state: refused.state, effects: [] });
    const again = play([{ type: "joined", run: 2, role: "edit" }], refused.state);
    expect(again.effects).toEqual([{ do: "send", id: 1, run: 2 }]);
    expect(sent(play([{ type: "confirmed", id: 1 }], again.state).effects)).toEqual([2]);
  });

  it("[CLI-20] an edit refused twice is replaced by what the server lacks; refused once more it is given up, and kept", () => {
    const { state } = play([
      ...opened(...edits(2)),
      { type: "edit_failed", id: 1, run: 1, error: fail("bad_update") },
      { type: "joined", run: 2, role: "edit" },
      { type: "edit_failed", id: 1, run: 2, error: fail("bad_update") },
    ]);
    const repairing = play([{ type: "joined", run: 3, role: "edit" }], state);
    expect(repairing.effects).toEqual([{ do: "repair" }]);
    const repaired = play([{ type: "repaired", ids: [1, 2], edits: [edit(3)] }], repairing.state);
    expect(repaired.effects).toEqual([{ do: "send", id: 3, run: 3 }]);
    const end = play([{ type: "edit_failed", id: 3, run: 3, error: fail("bad_update") }], repaired.state);
    expect(end).toMatchObject({ state: { status: "refused", queue: [{ id: 3 }] }, effects: [] });
    expect(sent(play([{ type: "confirmed", id: 3 }], repaired.state).effects)).toEqual([]);
  });

  it("[CLI-20] a limit is waited out for as long as the server says; joining again only where later edits met a gap", () => {
    const limited = fail("rate_limited", 700);
    const one = play([...opened(edit(1)), { type: "edit_failed", id: 1, run: 1, error: limited }]);
    expect(one.effects).toEqual([{ do: "set_timer", afterMs: 700 }]);
    expect(play([{ type: "timer" }], one.state).effects).toEqual([{ do: "send", id: 1, run: 1 }]);
    const two = play([...opened(...edits(2)), { type: "edit_failed", id: 1, run: 1, error: limited }]);
    expect(play([{ type: "timer" }], two.state).effects).toEqual([{ do: "join", run: 2 }]);
  });

  it("[CLI-20] an answer that never came leads to joining, since nobody knows what the server has", () => {
    const { state } = play([...opened(edit(1)), { type: "edit_failed", id: 1, run: 1, error: fail("timeout") }]);
    expect(play([{ type: "timer" }], state).effects).toEqual([{ do: "join", run: 2 }]);
  });

  it("[CLI-25] what is too large for a message of the socket goes alone: what was before it first, what is behind it after", () => {
    const large = edit(2, 300 * 1024);
    const { state, effects } = play(opened(edit(1), large, edit(3)));
    expect(sent(effects)).toEqual([1]);
    const second = play([{ type: "confirmed", id: 1 }], state);
    expect(sent(second.effects)).toEqual([2]);
    expect(sent(play([{ type: "confirmed", id: 2 }], second.state).effects)).toEqual([3]);
  });

  it("[CLI-23] whoever may not edit sends nothing; with the right back everything goes out", () => {
    const { state, effects } = play([
      { type: "connected" },
      { type: "loaded", edits: [edit(1)], hasCopy: true },
      { type: "joined", run: 1, role: "view" },
    ]);
    expect(state).toMatchObject({ status: "refused", role: "view", queue: [{ id: 1 }] });
    expect(effects).toEqual([]);
    const back = play([{ type: "role_changed", role: "edit" }], state);
    expect(back.effects).toEqual([{ do: "join", run: 2 }]);
    expect(sent(play([{ type: "joined", run: 2, role: "edit" }], back.state).effects)).toEqual([1]);
  });

  it("[CLI-26] without the right nothing stays on the device, except what was never sent", () => {
    const evicted: SyncEvent = { type: "evicted", error: fail("forbidden") };
    expect(play([...opened(), evicted]).effects).toEqual([{ do: "forget" }]);
    expect(play([...opened(edit(1)), evicted]).effects).toEqual([]);
  });

  it("[CLI-20] a client id that is somebody else's is changed, unless something was written under it", () => {
    const taken: SyncEvent = { type: "join_failed", run: 1, error: fail("client_id_taken") };
    const fresh = play([{ type: "connected" }, { type: "loaded", edits: [], hasCopy: false }, taken]);
    expect(fresh.effects).toEqual([{ do: "renew_client_id" }, { do: "join", run: 2 }]);
    const written = play([{ type: "connected" }, { type: "loaded", edits: [edit(1)], hasCopy: true }, taken]);
    expect(written.state).toMatchObject({ status: "refused", queue: [{ id: 1 }] });
  });
});

const anyError = fc.constantFrom<RealtimeErrorCode[]>(
  "bad_update",
  "rate_limited",
  "overloaded",
  "timeout",
  "disconnected",
  "forbidden",
  "not_found",
  "internal",
  "too_large",
  "client_id_taken",
);

/** An event of a type with fitting contents; `pick` chooses them. */
function eventOf(
  type: SyncEvent["type"],
  step: { state: SyncState; pick: number; code: RealtimeErrorCode },
): SyncEvent {
  const { state, pick, code } = step;
  const id = state.queue[pick % Math.max(1, state.queue.length)]?.id ?? pick;
  const run = pick % 5 === 0 ? state.run - 1 : state.run;
  const role = pick % 4 === 0 ? "view" : "edit";
  const error = fail(code);
  const fresh = { ...edit(1_000_000 + pick, pick % 3 === 0 ? 300 * 1024 : 10), isStored: pick % 2 === 0 };
  switch (type) {
    case "loaded":
      return { type, edits: [fresh], hasCopy: true };
    case "joined":
      return { type, run, role };
    case "join_failed":
      return { type, run, error };
    case "edited":
      return { type, edit: fresh };
    case "stored":
    case "confirmed":
      return { type, id };
    case "edit_failed":
      return { type, id, run, error };
    case "repaired":
      return { type, ids: state.queue.map((queued) => queued.id), edits: [fresh] };
    case "role_changed":
      return { type, role };
    case "evicted":
      return { type, error };
    default:
      return { type };
  }
}

it("[CLI-20] whatever happens in whatever order, the machine keeps its promises", () => {
  const step = fc.record({ type: fc.constantFrom(...syncEventTypes), pick: fc.nat({ max: 100_000 }), code: anyError });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let state = firstSyncState;
      for (const { type, pick, code } of steps) {
        if (type === "close" && pick % 10 > 0) continue;
        const event = eventOf(type, { state, pick, code });
        const isDouble = state.queue.some(({ id }) => "edit" in event && event.edit.id === id);
        if (isDouble) continue;
        const before = state;
        const transition = next(state, event, half);
        state = transition.state;
        const { queue, status, sentCount, maxSent, run } = state;
        const ids = queue.map(({ id }) => id);
        // What is sent is what has been added to those on their way, from the front of the queue.
        const sentNow = sent(transition.effects);
        expect(sentNow).toEqual(ids.slice(sentCount - sentNow.length, sentCount));
        expect(queue.slice(0, sentCount).every(({ isStored }) => isStored)).toBe(true);
        expect(sentCount).toBeLessThanOrEqual(maxSent);
        if (sentCount > 1)
          expect(queue.slice(0, sentCount).every(({ byteCount }) => byteCount < 256 * 1024)).toBe(true);
        if (status !== "live") expect(sentCount).toBe(0);
        if (sentNow.length > 0) expect(state).toMatchObject({ status: "live", role: "edit", isConnected: true });
        // Nothing leaves the queue but by being confirmed or replaced.
        const gone = before.queue.filter(({ id }) => !ids.includes(id));
        if (gone.length > 0) expect(["confirmed", "repaired"]).toContain(event.type);
        if (transition.effects.some((effect) => effect.do === "forget")) expect(queue).toEqual([]);
        expect(status === "pausing").toBe(
          before.status === "pausing" && status === "pausing"
            ? true
            : transition.effects.some((one) => one.do === "set_timer"),
        );
        expect(run).toBeGreaterThanOrEqual(before.run);
        expect(status === "refused").toBe(state.error !== undefined);
      }
    }),
    { numRuns: 2_000 },
  );
});
