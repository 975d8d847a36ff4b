import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, RoomModel, recordRoom, request, requestOk, startTestServer, type TestServer } from "./index.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

test("two stock clients talk, and the recorder and the model follow", async () => {
  const ann = await server.connect("ann");
  const bob = await server.connect({ userId: "bob", username: "Bob" });
  const recorder = recordRoom(bob, "general", "bob");
  const page = await requestOk(bob, "join_room", { roomId: "general" });
  const model = new RoomModel(page);
  bob.on("chat_message", (message) => model.apply("chat_message", message));
  bob.on("member_updated", (event) => model.apply("member_updated", event));

  await requestOk(ann, "join_room", { roomId: "general" });
  const { message } = await requestOk(ann, "chat_message", { roomId: "general", content: "Hello", nonce: "n1" });
  await eventually(() => recorder.position === message.seq);
  recorder.assertOrdered();

  const fresh = await requestOk(await server.connect("bob"), "join_room", { roomId: "general" });
  expect(model.snapshot()).toEqual(new RoomModel(fresh).snapshot());
});

test("a refusal is an answer, and a bad token no connection", async () => {
  const cat = await server.connect("cat");
  const refused = await request(cat, "join_room", { roomId: "nowhere" });
  expect(refused).toMatchObject({ ok: false, error: { code: "not_found" } });
  await expect(server.connect("cat", { token: "rubbish" })).rejects.toThrow("Authentication failed");
});
