import { eventually, requestOk, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRawLink } from "./raw-link.ts";

let it: TestServer;
beforeAll(async () => {
  it = await startTestServer({ settings: { catchUpLimit: 100_000 } });
});
afterAll(() => it.close());

test("[FAN-2] [CAT-1] a reader that stops is cut, delays nobody, and has everything after its resume", async () => {
  const [writer, reader] = [await it.connect("ann"), await it.connect("bob")];
  await requestOk(writer, "join_room", { roomId: "general" });
  const seen: number[] = [];
  await requestOk(reader, "join_room", { roomId: "general" });
  reader.on("chat_message", ({ seq }) => seen.push(seq));
  const stuck = await connectRawLink(it.port, it.signToken({ userId: "stuck", username: "stuck" }));
  stuck.send('21["join_room",{"roomId":"general"}]');
  await eventually(() => stuck.received.some((text) => text.startsWith("431[")));
  const [page] = JSON.parse(stuck.received.find((text) => text.startsWith("431["))?.slice(3) ?? "[]");
  stuck.socket.pause();
  const since = { epoch: page.epoch as string, seq: page.seq as number };

  const sent: string[] = [];
  const isHere = () => it.running.getConnectedUsers().some(({ userId }) => userId === "stuck");
  // What the host broadcasts fills the network's own buffers sooner than messages do.
  const filler = "x".repeat(100_000);
  while (isHere() && sent.length < 2_000) {
    const batch = Array.from({ length: 10 }, async (_, index) => {
      const content = `${index} ${"x".repeat(1_000)}`;
      return (await requestOk(writer, "chat_message", { roomId: "general", content })).message;
    });
    for (let count = 0; count < 5; count++) it.running.broadcastToRoom("general", "filler", filler);
    for (const { id } of await Promise.all(batch)) sent.push(id);
  }
  expect(isHere()).toBe(false);
  await eventually(() => expect(seen.length).toBe(sent.length));
  expect(seen).toEqual([...seen].sort((a, b) => a - b));

  const back = await it.connect("stuck");
  const ids: string[] = [];
  let position = since;
  let isWhole = false;
  while (!isWhole) {
    const next = await requestOk(back, "join_room", { roomId: "general", since: position });
    expect(next.reset).toBeUndefined();
    ids.push(...next.messages.map(({ id }) => id));
    position = { epoch: next.epoch, seq: next.seq };
    isWhole = !next.hasMore;
  }
  expect(ids).toEqual(sent);
  await eventually(async () => {
    const metrics = await (await fetch(`${it.url}/metrics`)).text();
    expect(metrics).toMatch(/mirage_slow_consumer_disconnects_total [1-9]/);
  });
});
