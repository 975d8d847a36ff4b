import { expect, test } from "vitest";
import { BatchLoader } from "./batch-loader.ts";

function recording(answer: (keys: string[]) => Promise<Map<string, number>>) {
  const batches: string[][] = [];
  const loader = new BatchLoader<string, number>((keys) => {
    batches.push(keys);
    return answer(keys);
  }, 3);
  return { batches, loader };
}

const lengths = async (keys: string[]) => new Map(keys.filter((key) => key !== "none").map((key) => [key, key.length]));

test("[ACK-4] what is asked in one tick is asked together, each once, and everyone is answered", async () => {
  const { batches, loader } = recording(lengths);
  const answers = await Promise.all(["a", "bb", "a", "none", "cccc"].map((key) => loader.find(key)));
  expect(answers).toEqual([1, 2, 1, undefined, 4]);
  expect(batches).toEqual([["a", "bb", "none"], ["cccc"]]);
});

test("[ACK-4] a question asked while a query is under way is asked anew, since its answer may be older", async () => {
  const gate = Promise.withResolvers<void>();
  const { batches, loader } = recording(async (keys) => {
    await gate.promise;
    return lengths(keys);
  });
  const first = loader.find("a");
  await Promise.resolve();
  const second = loader.find("a");
  gate.resolve();
  expect(await Promise.all([first, second])).toEqual([1, 1]);
  expect(batches).toEqual([["a"], ["a"]]);
});

test("[ACK-4] a query that fails fails its own questions, and the next one works", async () => {
  let isDown = true;
  const { loader } = recording(async (keys) => {
    if (isDown) throw new Error("down");
    return lengths(keys);
  });
  await expect(Promise.all([loader.find("a"), loader.find("b")])).rejects.toThrow("down");
  isDown = false;
  expect(await loader.find("a")).toBe(1);
});

test("[DB-8] a queue that is full refuses, and goes on with those who are in it", async () => {
  const gate = Promise.withResolvers<void>();
  const loader = new BatchLoader<string, number>(async (keys) => {
    await gate.promise;
    return lengths(keys);
  }, 50_000);
  const first = loader.find("first");
  await Promise.resolve();
  const waiting = Array.from({ length: 50_000 }, (_, i) => loader.find(`${i}`));
  await expect(loader.find("one too many")).rejects.toMatchObject({ code: "overloaded" });
  const known = loader.find("7");
  gate.resolve();
  expect([await first, await known, await waiting[49_999]]).toEqual([5, 1, 5]);
});

test("[ACK-4] where a crowd asks, the next questions gather, and a single one never waits", async () => {
  const batches: string[][] = [];
  const load = (keys: string[]) => {
    batches.push(keys);
    return lengths(keys);
  };
  const loader = new BatchLoader<string, number>(load, 500, 20);
  await Promise.all([loader.find("a"), loader.find("b")]);
  const third = loader.find("c");
  await lengths([]);
  expect(await Promise.all([third, loader.find("d")])).toEqual([1, 1]);
  expect(batches).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});
