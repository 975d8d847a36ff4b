import { startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.connect("root");
});
afterAll(() => server?.close());

test("[IN-1] [NOTE-12] what a host says that cannot be stored is refused, as is an id that cannot be looked for", async () => {
  const { running } = server;
  const words = { title: "Deployed", content: "Version 2" };
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  for (const unusable of [
    { content: "a\u0000b" },
    { content: "\ud800" },
    { metadata: { a: "\u0000" } },
    { metadata: { "\udc00": 1 } },
    { metadata: JSON.parse('{ "__proto__": { "a": 1 } }') },
    { metadata: endless },
    { groupKey: "\u0000" },
    { nonce: "\ud800" },
  ]) {
    const told = { ...words, ...unusable };
    await expect(running.sendNotification("root", told)).rejects.toMatchObject({ code: "bad_request" });
    await expect(running.sendRoomNotification("general", told)).rejects.toMatchObject({ code: "bad_request" });
  }
  for (const id of ["a\u0000b", "\ud800", "x".repeat(5_000)]) {
    await expect(running.sendNotification(id, words)).rejects.toMatchObject({ code: "not_found" });
    await expect(running.sendRoomNotification(id, words)).rejects.toMatchObject({ code: "not_found" });
  }
  expect(await running.sendNotification("root", words)).toMatchObject(words);
});
