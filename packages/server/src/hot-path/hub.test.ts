import { FakeClock } from "@mirage/testing/fake-clock";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change, StreamRead } from "./change.ts";
import { Hub } from "./hub.ts";

const stream = "room:r" as const;

/** A change of an entity; what it says is its position. */
function changeAt(position: number, entity = `m${position}`): Change {
  const message = { id: entity, roomId: "r", seq: position, updatedSeq: position };
  return { stream, position, entity, event: "room_updated", payload: message as never };
}

/** What is stored: the last position of each entity. */
class FakeStream {
  head = 0;
  readonly #last = new Map<string, number>();
  reads = 0;
  failing = 0;
  maxChanges = 1_000;
  /** Runs between the reading and its answer. */
  whileReading: () => void = () => undefined;

  write(entity: string): Change {
    this.#last.set(entity, ++this.head);
    return changeAt(this.head, entity);
  }

  async readSince(_: string, since: number): Promise<StreamRead> {
    this.reads++;
    if (this.failing > 0) {
      this.failing--;
      throw new Error("the database is away");
    }
    const changes = [...this.#last]
      .filter(([, position]) => position > since)
      .sort(([, a], [, b]) => a - b)
      .map(([entity, position]) => changeAt(position, entity));
    const read = { head: this.head, changes, isTooMany: changes.length > this.maxChanges };
    const happensMeanwhile = this.whileReading;
    this.whileReading = () => undefined;
    happensMeanwhile();
    await Promise.resolve();
    return read;
  }

  async readHeads(): Promise<Map<typeof stream, number>> {
    return new Map();
  }
}

function start() {
  const clock = new FakeClock();
  const source = new FakeStream();
  const delivered: Change[] = [];
  let cuts = 0;
  const delivery = { deliver: (change: Change) => void delivered.push(change), cut: () => void cuts++ };
  const hub = new Hub(stream, 0, { source, delivery, clock });
  const positions = () => delivered.map(({ position, payload }) => [from(payload) ?? position, position]);
  return { clock, source, hub, delivered, positions, cuts: () => cuts };
}

const from = (payload: object): number | undefined => ("from" in payload ? Number(payload.from) : undefined);

test("[FAN-1] the next change goes on, an old one or a repeat does not", () => {
  const { hub, positions } = start();
  hub.accept([changeAt(1), changeAt(2)]);
  hub.accept([changeAt(1), changeAt(2), changeAt(3)]);
  expect(positions()).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

test("[CAT-2] what is missing is read, and positions that were overtaken are covered", async () => {
  const { clock, source, hub, positions } = start();
  source.write("a");
  source.write("b");
  source.write("a");
  hub.accept([source.write("c")]);
  await clock.advanceAsync(1);
  expect(positions()).toEqual([
    [1, 2],
    [3, 3],
    [4, 4],
  ]);
});

test("[CAT-2] where a stream ends in positions that nothing shows, the next change covers them", async () => {
  const { clock, source, hub, positions } = start();
  source.write("a");
  source.head = 5;
  await hub.repair();
  expect(hub.last).toBe(5);
  hub.accept([source.write("b")]);
  await clock.advanceAsync(1);
  expect(positions()).toEqual([
    [1, 1],
    [2, 6],
  ]);
});

test("whoever waits for a position gets it although a read was under way that is too old for it", async () => {
  const { clock, source, hub } = start();
  source.write("a");
  source.whileReading = () => {
    source.write("b");
    void hub.reach(2);
  };
  void hub.repair();
  await clock.advanceAsync(1);
  expect(hub.last).toBe(2);
  expect(clock.timerCount).toBe(0);
});

test("a read that fails is tried again, and waiting ends in any case", async () => {
  const { clock, source, hub } = start();
  source.failing = 3;
  source.write("a");
  let isThere = false;
  void hub.reach(1).then(() => {
    isThere = true;
  });
  await clock.advanceAsync(1_000);
  expect([isThere, hub.last]).toEqual([true, 1]);
  source.failing = 1_000;
  let hasEnded = false;
  void hub.reach(9).then(() => {
    hasEnded = true;
  });
  await clock.advanceAsync(5_100);
  expect(hasEnded).toBe(true);
  hub.close();
  expect(clock.timerCount).toBe(0);
});

test("[CAT-2] too much to tell cuts the listeners off, who resume", async () => {
  const { source, hub, delivered, cuts } = start();
  source.maxChanges = 3;
  for (const entity of ["a", "b", "c", "d"]) source.write(entity);
  await hub.repair();
  expect([hub.last, delivered.length, cuts()]).toEqual([4, 0, 1]);
  expect(hub.since(4)).toEqual([]);
  expect(hub.since(3)).toBeUndefined();
});

test("[FAN-1] whatever is lost, late or repeated, positions rise, leave nothing out and end with the stored state", async () => {
  const step = fc.record({
    entity: fc.constantFrom("a", "b", "c", "d", "e"),
    fate: fc.constantFrom("heard", "heard", "lost", "late", "twice", "read"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, source, hub, delivered } = start();
      const late: Change[] = [];
      for (const { entity, fate } of steps) {
        const change = source.write(entity);
        if (fate === "heard" || fate === "twice") hub.accept([change]);
        if (fate === "twice") hub.accept([change]);
        if (fate === "late") late.push(change);
        else if (late.length > 0) hub.accept(late.splice(0));
        if (fate === "read") {
          source.whileReading = () => hub.accept([source.write("z")]);
          void hub.repair();
        }
        await clock.advanceAsync(5);
      }
      void hub.reach(source.head);
      await clock.advanceAsync(10_000);
      let last = 0;
      for (const { position, payload } of delivered) {
        expect(position).toBeGreaterThan(last);
        expect(from(payload) ?? position).toBe(last + 1);
        last = position;
      }
      expect(last).toBe(source.head);
      const shown = new Map(delivered.map(({ entity, position }) => [entity, position]));
      const stored = (await source.readSince(stream, 0)).changes;
      expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(stored.map((c) => [c.entity, c.position])));
      hub.close();
      expect(clock.timerCount).toBe(0);
    }),
    { numRuns: 200 },
  );
});
