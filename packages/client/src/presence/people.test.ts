import type { Presence } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { beforeEach, expect, it } from "vitest";
import { FakeServer } from "../testing/fake-server.ts";
import { pass, startClient, type TestClient } from "../testing/test-client.ts";

let server: FakeServer;
let client: TestClient;

beforeEach(async () => {
  server = new FakeServer();
  server.addRoom("general", "ann", "bob");
  server.people.set("bob", { userId: "bob", username: "BOB", status: "dnd", text: "Busy" });
  client = await startClient(server, "ann");
});

const seen = (userId: string): Presence | undefined => client.realtime.presence.people.get().get(userId);
const watched = (): unknown => server.calls.findLast(({ name }) => name === "watch_presence")?.input.userIds;

it("[PRES-6] whoever somebody looks at is watched, oneself always, in one request for a screen", async () => {
  const release = client.realtime.presence.watch(["bob"]);
  const releaseToo = client.realtime.presence.watch(["bob", "cat"]);
  await pass(client, server, 1_000);
  expect(watched()).toEqual(["ann", "bob", "cat"]);
  expect(server.countCalls("watch_presence")).toBe(2);
  expect(seen("bob")).toEqual({ userId: "bob", username: "BOB", status: "dnd", text: "Busy" });
  release();
  release();
  await pass(client, server, 6_000);
  expect(watched()).toEqual(["ann", "bob", "cat"]);
  releaseToo();
  await pass(client, server, 6_000);
  expect(watched()).toEqual(["ann"]);
});

it("[PRES-6] of more people than the server follows the newest are watched", async () => {
  const many = Array.from({ length: limits.watchedUsers + 10 }, (_, i) => `u${i}`);
  client.realtime.presence.watch(many);
  await pass(client, server, 1_000);
  expect(watched()).toEqual(["ann", ...many.slice(11)]);
});

it("[PRES-10] what is told is what is known, and after a loss it is asked for anew", async () => {
  client.realtime.presence.watch(["bob"]);
  await pass(client, server, 250);
  server.signal("presence_changed", { users: [{ userId: "bob", username: "BOB", status: "away" }] });
  server.signal("user_online", { userId: "bob", username: "BOB", timestamp: "2026-01-01T00:00:00.000Z" });
  await pass(client, server, 250);
  expect(seen("bob")).toEqual({ userId: "bob", username: "BOB", status: "away" });
  server.signal("user_offline", { userId: "bob", username: "BOB", timestamp: "2026-01-01T00:00:00.000Z" });
  await pass(client, server, 250);
  expect(seen("bob")).toEqual({
    userId: "bob",
    username: "BOB",
    status: "offline",
    lastSeen: "2026-01-01T00:00:00.000Z",
  });
  server.cut();
  await pass(client, server, 5_000);
  expect(seen("bob")).toMatchObject({ status: "dnd" });
});

it("[PRES-4] what one chooses is shown at once; what is refused changes nothing", async () => {
  const chosen = client.realtime.presence.choose({ status: "away", text: "Tea" });
  await server.settle();
  expect(await chosen).toMatchObject({ status: "away", text: "Tea" });
  expect(seen("ann")).toMatchObject({ status: "away", text: "Tea" });
  server.intercept = ({ name }) =>
    name === "presence_update" ? { code: "bad_request", message: "no", retryable: false } : undefined;
  const refused = client.realtime.presence.choose({ status: "online", text: "x" });
  const caught = refused.catch((error: Error) => error.message);
  await server.settle();
  expect(await caught).toBe("no");
  expect(seen("ann")).toMatchObject({ status: "away", text: "Tea" });
});

it("[PRES-4] when one's choice clears is asked for, and asking chooses nothing", async () => {
  const expiresAt = "2026-01-01T12:00:00.000Z";
  const chosen = client.realtime.presence.choose({ status: "dnd", text: "Tea", expiresAt });
  await server.settle();
  await chosen;
  const own = client.realtime.presence.getOwn();
  await server.settle();
  expect(await own).toMatchObject({ status: "dnd", text: "Tea", expiresAt });
  expect(seen("ann")).toEqual({ userId: "ann", username: "ANN", status: "dnd", text: "Tea" });
});

it("[PRES-11] that nobody sits here is told once, and again on each new connection", async () => {
  const observed = () => server.calls.filter(({ input }) => input.automatic).map(({ input }) => input.status);
  client.realtime.presence.setAway(true);
  client.realtime.presence.setAway(true);
  await server.settle();
  expect(observed()).toEqual(["away"]);
  server.cut();
  await pass(client, server, 5_000);
  expect(observed()).toEqual(["away", "away"]);
  client.realtime.presence.setAway(false);
  await server.settle();
  expect(observed()).toEqual(["away", "away", "online"]);
});

it("[PRES-10] the members of a page that is opened are known", async () => {
  server.members.set("general", [{ userId: "cat", username: "CAT", role: "member", status: "online" }]);
  client.realtime.room("general").open();
  await pass(client, server, 250);
  expect(seen("cat")).toEqual({ userId: "cat", username: "CAT", status: "online" });
});
