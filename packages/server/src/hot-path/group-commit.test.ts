import { FakeClock } from "@mirage/testing/fake-clock";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DatabaseError } from "../database/database.ts";
import { type BatchWriter, GroupCommit, type Write } from "./group-commit.ts";

interface Item {
  name: string;
  fence: number;
}
type Outcome = { status: "ok" | "stale"; name: string };
type Step = (batch: readonly string[]) => "commit" | "never" | Error;

/** Commits what its script lets pass, and remembers in which order. */
class FakeWriter implements BatchWriter<Item, Outcome> {
  readonly batches: string[][] = [];
  readonly committed: string[] = [];
  fence = 0;
  /** What becomes of each call; `commit` where nothing is said. */
  onCommit: Step = () => "commit";
  onSettle: Step = () => "never";

  async commit(batch: readonly Write<Item>[]): Promise<Outcome[]> {
    const names = batch.map(({ item }) => item.name);
    this.batches.push(names);
    await Promise.resolve();
    const verdict = this.onCommit(names);
    if (verdict instanceof Error) throw verdict;
    const stalePairs = new Set<string | undefined>();
    return batch.map(({ item, pair }) => {
      const isStale = item.fence !== this.fence || (pair !== undefined && stalePairs.has(pair));
      if (isStale) stalePairs.add(pair);
      else this.committed.push(item.name);
      return { status: isStale ? "stale" : "ok", name: item.name };
    });
  }

  async settle(batch: readonly Write<Item>[]): Promise<Outcome[] | undefined> {
    const verdict = this.onSettle(batch.map(({ item }) => item.name));
    if (verdict instanceof Error) throw verdict;
    return verdict === "never" ? undefined : batch.map(({ item }) => ({ status: "ok", name: item.name }));
  }
}

const lost = () => new DatabaseError("gone", { connectionLost: true });

function start(options: Partial<ConstructorParameters<typeof GroupCommit>[1]> = {}) {
  const clock = new FakeClock();
  const writer = new FakeWriter();
  const commit = new GroupCommit<Item, Outcome>(writer, { clock, ...options });
  const submit = (name: string, { fence = 0, ...more }: { pair?: string; stream?: string; fence?: number } = {}) =>
    commit.submit({ name, fence }, { bytes: 1, judge: async () => ({ name, fence: writer.fence }), ...more });
  return { clock, writer, commit, submit };
}

test("what arrives together goes together, what gathers meanwhile goes next", async () => {
  const { writer, submit } = start();
  await Promise.all([submit("a"), submit("b")]);
  const first = submit("c");
  await Promise.resolve();
  await Promise.all([first, submit("d"), submit("e")]);
  expect(writer.batches).toEqual([["a", "b"], ["c"], ["d", "e"]]);
});

test("with a pace, what comes alone goes at once, and what follows it goes together", async () => {
  const { writer, submit } = start({ paceMs: 100 });
  await submit("a", { pair: "a" });
  const following: Promise<Outcome>[] = [];
  for (const name of ["b", "c", "d"]) {
    following.push(submit(name, { pair: name }));
    await new Promise(setImmediate);
  }
  await Promise.all(following);
  expect(writer.batches).toEqual([["a"], ["b", "c", "d"]]);
});

test("with a pace, whoever waits for each answer before going on is not held up by it", async () => {
  const { writer, submit } = start({ paceMs: 10_000 });
  for (const name of ["a", "b", "c"]) await submit(name, { pair: "p" });
  expect(writer.batches).toEqual([["a"], ["b"], ["c"]]);
});

test("streams take turns when more waits than a batch holds, and each keeps its order", async () => {
  const { writer, submit } = start({ maxBatchItems: 4 });
  const busy = Array.from({ length: 10 }, (_, index) => submit(`busy-${index}`, { stream: "busy", pair: "busy" }));
  await Promise.all([...busy, submit("quiet", { stream: "quiet" }), submit("calm", { stream: "calm" })]);
  expect(writer.batches).toEqual([
    ["busy-0", "busy-1", "quiet", "calm"],
    ["busy-2", "busy-3", "busy-4", "busy-5"],
    ["busy-6", "busy-7", "busy-8", "busy-9"],
  ]);
});

test("a stream in which too much waits is refused more of it, the others are not", async () => {
  const { writer, submit } = start({ maxWaitingItems: 8, maxWaitingOfStream: 3 });
  const busy = ["a", "b", "c", "d"].map((name) => submit(name, { stream: "busy" }));
  const other = submit("e", { stream: "other" });
  await expect(busy[3]).rejects.toMatchObject({ code: "overloaded", retryAfterMs: 1_000 });
  await Promise.all([...busy.slice(0, 3), other]);
  await submit("f", { stream: "busy" });
  expect(writer.committed).toEqual(["a", "b", "c", "e", "f"]);
});

test("one bad item fails alone", async () => {
  const { writer, submit } = start();
  writer.onCommit = (names) => (names.includes("bad") ? new DatabaseError("invalid", { sqlState: "22P02" }) : "commit");
  const outcomes = await Promise.allSettled(["a", "b", "bad", "c", "d"].map((name) => submit(name, { pair: "p" })));
  expect(outcomes.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
  ]);
  expect(writer.committed).toEqual(["a", "b", "c", "d"]);
});

test("a lock that was not had in time holds up only what needs it", async () => {
  const { writer, submit } = start();
  writer.onCommit = (names) => (names.includes("held") ? new DatabaseError("lock", { sqlState: "55P03" }) : "commit");
  const outcomes = await Promise.allSettled([submit("a"), submit("held"), submit("b")]);
  expect(outcomes[1]).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
  expect(writer.committed).toEqual(["a", "b"]);
});

test("a database that is full or overloaded refuses the batch at once and takes the next", async () => {
  const { writer, submit } = start();
  writer.onCommit = () => new DatabaseError("disk full", { sqlState: "53100" });
  await expect(Promise.all([submit("a"), submit("b")])).rejects.toMatchObject({ code: "unavailable" });
  expect(writer.batches).toHaveLength(1);
  writer.onCommit = () => "commit";
  expect(await submit("c")).toEqual({ status: "ok", name: "c" });
});

test("[ACK-1] after a lost answer what committed is answered, and what did not runs again, once", async () => {
  const { writer, submit } = start();
  let calls = 0;
  writer.onCommit = () => (++calls === 1 ? lost() : "commit");
  writer.onSettle = () => "commit";
  expect(await submit("a")).toEqual({ status: "ok", name: "a" });
  expect(writer.batches).toHaveLength(1);
  calls = 0;
  writer.onSettle = () => "never";
  expect(await submit("b")).toEqual({ status: "ok", name: "b" });
  expect(writer.committed).toEqual(["b"]);
});

test("[ACK-4] with the database away nobody waits longer than the limit, and it goes on when it is back", async () => {
  const { clock, writer, commit, submit } = start({ maxWaitMs: 4_000 });
  writer.onCommit = lost;
  writer.onSettle = lost;
  const answers = Promise.allSettled([submit("a"), submit("b")]);
  await clock.advanceAsync(4_500);
  for (const answer of await answers) expect(answer).toMatchObject({ reason: { code: "unavailable" } });
  writer.onCommit = () => "commit";
  const later = submit("c");
  await clock.advanceAsync(500);
  expect(await later).toEqual({ status: "ok", name: "c" });
  await commit.close();
  expect(clock.timerCount).toBe(0);
});

test("[ACK-4] a call that hangs keeps nobody waiting either", async () => {
  const { clock, writer, submit } = start({ maxWaitMs: 4_000 });
  const hanging = Promise.withResolvers<Outcome[]>();
  const commit = writer.commit.bind(writer);
  writer.commit = () => hanging.promise;
  const inFlight = submit("a");
  await Promise.resolve();
  const waiting = submit("b");
  const answers = Promise.allSettled([inFlight, waiting]);
  await clock.advanceAsync(4_500);
  for (const answer of await answers) expect(answer).toMatchObject({ reason: { code: "unavailable" } });
  writer.commit = commit;
  hanging.resolve([{ status: "ok", name: "a" }]);
  expect(await submit("c")).toEqual({ status: "ok", name: "c" });
  expect(writer.committed).toEqual(["c"]);
});

test("too much that waits is overloaded; after closing everything is unavailable", async () => {
  const { commit, submit } = start({ maxWaitingItems: 2 });
  const taken = [submit("a"), submit("b")];
  await expect(submit("c")).rejects.toMatchObject({ code: "overloaded" });
  await Promise.all(taken);
  await commit.close();
  await expect(submit("d")).rejects.toMatchObject({ code: "unavailable" });
});

test("closing waits for what is judged again", async () => {
  const { clock, writer, commit } = start();
  const judged = Promise.withResolvers<Item>();
  const outcome = commit.submit({ name: "a", fence: 1 }, { bytes: 1, judge: () => judged.promise });
  await clock.advanceAsync(10);
  let isClosed = false;
  const closing = commit.close().then(() => {
    isClosed = true;
  });
  await clock.advanceAsync(10);
  expect(isClosed).toBe(false);
  judged.resolve({ name: "a", fence: 0 });
  await closing;
  expect(await outcome).toEqual({ status: "ok", name: "a" });
  expect(writer.committed).toEqual(["a"]);
});

test("a stale item is judged again ahead of its pair's later items, also where a batch was split", async () => {
  const { writer, submit } = start();
  let isFirst = true;
  writer.onCommit = (names) => {
    if (!isFirst || names.length === 1) return "commit";
    isFirst = false;
    return new DatabaseError("lock", { sqlState: "55P03" });
  };
  const names = ["1", "2", "3", "4", "5", "6", "7"];
  await Promise.all(names.map((name) => submit(name, { pair: "p", fence: name === "1" ? 9 : 0 })));
  expect(writer.committed).toEqual(names);
});

test("whatever goes wrong, each pair keeps its order, and nothing commits twice", async () => {
  const fault = fc.constantFrom("none", "none", "lock", "lost", "committed", "fence");
  const items = fc.array(fc.constantFrom("p", "q", "r"), { minLength: 1, maxLength: 40 });
  const property = fc.asyncProperty(fc.array(fault, { maxLength: 30 }), items, async (faults, pairs) => {
    const { clock, writer, commit, submit } = start({ maxBatchItems: 8, maxWaitMs: 1e9 });
    let call = 0;
    writer.onCommit = (names) => {
      const kind = faults[call++] ?? "none";
      if (kind === "fence") writer.fence++;
      if (kind === "lock") return new DatabaseError("lock", { sqlState: "55P03" });
      if (kind === "committed") writer.committed.push(...names);
      return kind === "lost" || kind === "committed" ? lost() : "commit";
    };
    writer.onSettle = () => (faults[call - 1] === "committed" ? "commit" : "never");
    const answers = Promise.allSettled(pairs.map((pair, index) => submit(`${pair}${index}`, { pair })));
    await clock.advanceAsync(5_000);
    const settled = await answers;
    await commit.close();
    const done = pairs.flatMap((pair, index) => (settled[index]?.status === "fulfilled" ? [`${pair}${index}`] : []));
    for (const pair of ["p", "q", "r"]) {
      const ofPair = (name: string) => name.startsWith(pair);
      expect(writer.committed.filter(ofPair)).toEqual(done.filter(ofPair));
    }
  });
  await fc.assert(property, { numRuns: 300 });
});
