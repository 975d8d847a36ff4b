import fc from "fast-check";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { systemClock } from "../../../adapters/system-clock.ts";
import { TimeSlices } from "../../../lib/time-slices.ts";
import { LiveDocument } from "../live-document.ts";
import { cutUpdate } from "./cut-update.ts";
import { judgingUpdate } from "./gate.ts";
import { readUpdate } from "./read-update.ts";

const write = fc.record({
  who: fc.nat(2),
  kind: fc.constantFrom("insert", "insert", "delete", "nest"),
  at: fc.nat(5_000),
});

/** What three people wrote who saw each other's words now and then. */
function written(steps: readonly { who: number; kind: string; at: number }[], repeat: number): Y.Doc {
  const docs = [1, 2, 3].map((clientID) => Object.assign(new Y.Doc(), { clientID }));
  for (let round = 0; round < repeat; round++) {
    for (const { who, kind, at } of steps) {
      const doc = docs[who];
      if (!doc) continue;
      const text = doc.getText("content");
      if (kind === "insert") text.insert((at + round) % (text.length + 1), `${at}é`);
      if (kind === "delete") text.delete(at % (text.length + 1), Math.min(9, text.length - (at % (text.length + 1))));
      if (kind === "nest") doc.getMap("map").set(`${at % 3}`, Y.Array.from([at, "x"]));
      if ((at + round) % 4 !== 0) continue;
      for (const other of docs) Y.applyUpdate(other, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other)));
    }
  }
  const whole = new Y.Doc();
  for (const doc of docs) Y.applyUpdate(whole, Y.encodeStateAsUpdate(doc));
  return whole;
}

test("[DOC-16] an update that is cut does the same, and no part of it waits for a later one", () => {
  fc.assert(
    fc.property(fc.array(write, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (steps, repeat) => {
      const whole = written(steps, repeat);
      const update = Y.encodeStateAsUpdate(whole);
      const copy = new Y.Doc();
      for (const piece of cutUpdate(update, readUpdate(update), (client) => Y.getState(copy.store, client))) {
        Y.applyUpdate(copy, piece);
        expect([copy.store.pendingStructs, copy.store.pendingDs]).toEqual([null, null]);
      }
      expect(copy.getText("content").toDelta()).toEqual(whole.getText("content").toDelta());
      expect(copy.getMap("map").toJSON()).toEqual(whole.getMap("map").toJSON());
      expect(Y.encodeStateVector(copy)).toEqual(Y.encodeStateVector(whole));
    }),
    { numRuns: Number(process.env.FUZZ_TRIES ?? 40) },
  );
});

/** The longest this thread was at it without a turn for anything else, in milliseconds of its own time. */
async function stallOf(work: () => Promise<unknown>): Promise<number> {
  const ownMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  let longestMs = 0;
  let isDone = false;
  let atMs = ownMs();
  const look = (): void => {
    longestMs = Math.max(longestMs, ownMs() - atMs);
    atMs = ownMs();
    if (!isDone) setImmediate(look);
  };
  setImmediate(look);
  await work();
  isDone = true;
  look();
  return longestMs;
}

const pieces = 60_000;

/** Half a megabyte of things that cannot be joined, one behind the other, as bytes: Yjs would take a minute to make it. */
function manyPieces(): Uint8Array {
  const variable = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 128, ...variable(Math.floor(value / 128))];
  const [embed, behind] = [5, 0x80];
  const value = [2, ...Buffer.from("{}")];
  const first = [embed, 1, 7, ...Buffer.from("content"), ...value];
  const others = Array.from({ length: pieces - 1 }, (_, at) => [embed | behind, 7, ...variable(at), ...value]);
  return Uint8Array.from([1, ...variable(pieces), 7, 0, ...first, ...others.flat(), 0]);
}

test("[DOC-16] half a megabyte in small pieces is judged, applied, deleted and opened in slices", async () => {
  const update = manyPieces();
  expect(update.length).toBeGreaterThan(400_000);
  const erasing = new Y.Doc();
  Y.applyUpdate(erasing, update);
  const vector = Y.encodeStateVector(erasing);
  erasing.getText("content").delete(0, pieces);
  const deletion = Y.encodeStateAsUpdate(erasing, vector);
  const slices = new TimeSlices(systemClock);
  // What is measured is how it is cut, and not how it was compiled or what was swept meanwhile.
  const stalls: number[][] = [];
  for (let tries = 0; tries < 3; tries++) {
    const copy = new LiveDocument("d", { position: 0, states: [], clients: [], snapshotBytes: 0 }, slices);
    const judged = { update, userId: "ann", maxBytes: 1e6 };
    const judging = await stallOf(() => slices.run(judgingUpdate(judged, copy)));
    copy.apply(1, { update, userId: "ann" });
    const applying = await stallOf(async () => await copy.settling());
    expect(copy.clockOf(7)).toBe(pieces);
    copy.apply(2, { update: deletion, userId: "ann" });
    const deleting = await stallOf(async () => await copy.settling());
    expect(copy.isDeleted({ client: 7, clock: 0, length: pieces })).toBe(true);
    const stored = { position: 1, states: [update], clients: [], snapshotBytes: update.length };
    const opening = await stallOf(async () => await new LiveDocument("d", stored, slices).settling());
    stalls.push([judging, applying, deleting, opening]);
  }
  for (const at of [0, 1, 2, 3]) expect(Math.min(...stalls.map((stall) => stall[at] ?? 0))).toBeLessThan(50);
});
