import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually, FakeClock } from "@mirage/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeModerator, draft } from "../ports/moderator.contract.ts";
import { HttpModerator, type HttpModeratorOptions } from "./http-moderator.ts";

interface Asked {
  headers: IncomingHttpHeaders;
  body: { content: string };
}

type Answer = (response: ServerResponse, asked: Asked) => void;
const judge: Answer = (response, { body }) => {
  response.end(JSON.stringify({ allowed: !body.content.includes("spam"), reason: "spam" }));
};

let answer: Answer;
let asked: Asked[];
let clock: FakeClock;
let faults: unknown[];
let closedEarly = 0;
let url = "";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const call = { headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
    asked.push(call);
    answer(response, call);
  });
  response.on("close", () => {
    if (!response.writableFinished) closedEarly++;
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/review`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answer = judge;
  asked = [];
  faults = [];
  closedEarly = 0;
  clock = new FakeClock();
});

function make(more: Partial<HttpModeratorOptions> = {}): HttpModerator {
  const onFault = (error: unknown) => faults.push(error);
  return new HttpModerator({ url, apiKey: "key", timeoutMs: 5_000, onFailure: "closed", clock, onFault, ...more });
}

const signal = new AbortController().signal;
const unavailable = expect.objectContaining({ code: "unavailable" });

describeModerator("http", () => ({ moderator: make(), refused: "buy spam" }));

describe("http moderator", () => {
  it("[MOD-2] sends the draft and the key, nothing else, and takes the verdict", async () => {
    expect(await make().review({ ...draft("spam"), kind: "edit" }, signal)).toEqual({
      verdict: "refuse",
      reason: "spam",
    });
    expect(asked[0]?.body).toEqual({
      roomId: "general",
      userId: "u1",
      username: "anna",
      content: "spam",
      kind: "edit",
    });
    expect(asked[0]?.headers.authorization).toBe("Bearer key");
    await make({ apiKey: undefined }).review(draft("hi"), signal);
    expect(asked[1]?.headers.authorization).toBeUndefined();
  });

  const failures: Record<string, Answer> = {
    "an error of the service": (response) => response.writeHead(500).end('{"allowed":true}'),
    "a refusal of the key": (response) => response.writeHead(401).end("{}"),
    "a redirect": (response) => response.writeHead(307, { location: url }).end(),
    "what is no JSON": (response) => response.end("<html>"),
    "JSON of another shape": (response) => response.end('{"allowed":"yes"}'),
    nothing: (response) => response.end(),
    "a connection that breaks": (response) => response.destroy(),
    "half an answer": (response) => {
      response.writeHead(200, { "content-length": "100" }).write('{"allowed":');
      response.destroy();
    },
  };
  for (const [name, fail] of Object.entries(failures)) {
    it(`[MOD-3] ${name} is a failure: open lets pass, closed says try again`, async () => {
      answer = fail;
      await expect(make().review(draft("hi"), signal)).rejects.toEqual(unavailable);
      expect((await make({ onFailure: "open" }).review(draft("hi"), signal)).verdict).toBe("allow");
      expect(faults).toHaveLength(2);
    });
  }

  it("[MOD-3] waits no longer than its time limit, for the first byte and for the last", async () => {
    for (const silent of [() => undefined, (response: ServerResponse) => void response.writeHead(200).write("{")]) {
      answer = silent;
      const startedMs = performance.now();
      await expect(make({ timeoutMs: 60 }).review(draft("hi"), signal)).rejects.toEqual(unavailable);
      expect(performance.now() - startedMs).toBeLessThan(2_000);
    }
  });

  it("[MOD-3] reads no more than a bounded answer", async () => {
    answer = (response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write("x".repeat(64 * 1024)));
        if (!response.destroyed) response.once("drain", pour);
      };
      pour();
    };
    await expect(make().review(draft("hi"), signal)).rejects.toEqual(unavailable);
    await eventually(() => expect(closedEarly).toBe(1));
  });

  it("[MOD-3] after three failures in a row asks nobody for 10 s, then one, then all again", async () => {
    const moderator = make();
    answer = (response) => response.writeHead(503).end();
    for (let times = 0; times < 5; times++) {
      await expect(moderator.review(draft("hi"), signal)).rejects.toEqual(unavailable);
    }
    expect(asked).toHaveLength(3);
    await expect(moderator.review(draft("hi"), signal)).rejects.toMatchObject({ retryAfterMs: 10_000 });

    clock.advance(10_000);
    const results = await Promise.allSettled([1, 2, 3].map(() => moderator.review(draft("hi"), signal)));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(asked).toHaveLength(4);

    answer = judge;
    clock.advance(10_000);
    expect((await moderator.review(draft("hi"), signal)).verdict).toBe("allow");
    expect((await moderator.review(draft("spam"), signal)).verdict).toBe("refuse");
    expect(asked).toHaveLength(6);
  });

  it("[MOD-3] a caller that gives up is no failure of the service", async () => {
    const moderator = make();
    answer = () => undefined;
    for (let times = 0; times < 5; times++) {
      const caller = new AbortController();
      const reason = new Error("gone");
      const review = moderator.review(draft("hi"), caller.signal);
      await eventually(() => expect(asked).toHaveLength(times + 1));
      caller.abort(reason);
      await expect(review).rejects.toBe(reason);
    }
    answer = judge;
    expect((await moderator.review(draft("hi"), signal)).verdict).toBe("allow");
    expect(faults).toEqual([]);
  });
});
