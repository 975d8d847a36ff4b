import { expect, test } from "vitest";
import { PairOrder } from "./pair-order.ts";

test("an item that is slow to prepare holds the later ones of its pair and nobody else's", async () => {
  const order = new PairOrder();
  const submitted: string[] = [];
  const submit = async (item: string) => void submitted.push(item);
  const slow = Promise.withResolvers<string>();
  const first = order.run("p", () => slow.promise, submit);
  const second = order.run("p", async () => "p2", submit);
  await order.run("q", async () => "q1", submit);
  expect(submitted).toEqual(["q1"]);
  slow.resolve("p1");
  await Promise.all([first, second]);
  expect(submitted).toEqual(["q1", "p1", "p2"]);
});

test("what is refused while it is prepared lets the next one pass, and is never submitted", async () => {
  const order = new PairOrder();
  const submitted: string[] = [];
  const submit = async (item: string) => void submitted.push(item);
  const refused = order.run("p", () => Promise.reject(new Error("no")), submit);
  const next = order.run("p", async () => "next", submit);
  await expect(refused).rejects.toThrow("no");
  await next;
  expect(submitted).toEqual(["next"]);
});

test("the next of a pair is submitted as soon as the one before was, not when it has its outcome", async () => {
  const order = new PairOrder();
  const submitted: string[] = [];
  const never = Promise.withResolvers<void>();
  void order.run(
    "p",
    async () => "first",
    (item) => {
      submitted.push(item);
      return never.promise;
    },
  );
  await order.run(
    "p",
    async () => "second",
    async (item) => void submitted.push(item),
  );
  expect(submitted).toEqual(["first", "second"]);
});
