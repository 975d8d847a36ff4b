import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually, FakeClock, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

/** A moderation service that answers when it is let: until then a message is under way. */
let service: Server;
let asked: ServerResponse[];
let clock: FakeClock;
let server: TestServer;

beforeAll(async () => {
  service = createServer((_request, response) => void asked.push(response));
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  service.close();
  service.closeAllConnections();
});
beforeEach(async () => {
  asked = [];
  clock = new FakeClock(Date.now());
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/review`;
  const moderation = { url, apiKey: undefined, timeoutMs: 8_000, onFailure: "open" } as const;
  server = await startTestServer({ clock, settings: { drainWindowMs: 200, moderation } });
});

const send = () =>
  fetch(`${server.url}/api/v1/commands/create_room`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${server.signToken({ userId: "ann", username: "Ann" })}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ name: "Team", type: "private" }),
  });

test("[DRN-2] a stop lets requests that are under way end, and refuses those that come when its window is over", async () => {
  const underWay = send();
  await eventually(() => expect(asked).toHaveLength(1));
  const closed = server.close();
  const late = await send();
  expect([late.status, late.headers.get("retry-after"), late.headers.get("connection")]).toEqual([503, "1", "close"]);
  expect(await late.json()).toMatchObject({ error: { code: "unavailable" } });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  asked[0]?.end(JSON.stringify({ allowed: true }));
  const answer = await underWay;
  expect([answer.status, (await answer.json()).room]).toMatchObject([200, { name: "Team" }]);
  await closed;
});

test("[DRN-2] a stop waits for no request for ever", async () => {
  const cut = send().then(
    ({ status }) => status,
    () => "cut",
  );
  await eventually(() => expect(asked).toHaveLength(1));
  let isClosed = false;
  const closed = server.close().then(() => {
    isClosed = true;
  });
  await eventually(async () => expect((await send()).status).toBe(503));
  await clock.advanceAsync(4_900);
  expect(isClosed).toBe(false);
  await clock.advanceAsync(200);
  await closed;
  expect(await cut).toBe("cut");
});
