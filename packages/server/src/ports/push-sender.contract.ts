import { describe, expect, it } from "vitest";
import type { Push, PushSender, PushSubscription } from "./push-sender.ts";

/** One sender and a push service that it may reach. */
export interface PushSenderSubject {
  sender: PushSender;
  /** A new device at the service. */
  subscribe(): PushSubscription;
  /** What the service answers next; undefined: nothing, ever. */
  answerWith(status: number | undefined, headers?: Record<string, string>): void;
  /** What devices have received, opened. */
  listReceived(): { payload: unknown; topic: string | undefined; urgency: string | undefined }[];
  /** Has so much time go by for the sender. */
  pass(ms: number): Promise<void>;
  /** An endpoint where nobody listens, which the sender may call. */
  deadEndpoint: string;
}

const push: Push = { payload: JSON.stringify({ title: "Hello ☂" }), topic: "a-topic", isUrgent: false };

/** What every sender of pushes keeps. */
export function describePushSender(name: string, make: () => PushSenderSubject): void {
  describe(`push sender: ${name}`, () => {
    it("[NOTE-13] what the service takes is what the device can read, by its topic and urgency", async () => {
      const { sender, subscribe, answerWith, listReceived } = make();
      answerWith(201);
      expect(await sender.send(subscribe(), { ...push, isUrgent: true })).toEqual({ kind: "taken" });
      expect(listReceived().at(-1)).toEqual({ payload: { title: "Hello ☂" }, topic: "a-topic", urgency: "high" });
      expect(sender.publicKey).toMatch(/^[\w-]{87}$/);
    });

    it("[NOTE-14] tells a device that is gone, one that refuses, and a service that has no time", async () => {
      const { sender, subscribe, answerWith } = make();
      const kindOf = async (status: number) => {
        answerWith(status);
        return (await sender.send(subscribe(), push)).kind;
      };
      for (const status of [404, 410]) expect([status, await kindOf(status)]).toEqual([status, "gone"]);
      for (const status of [400, 403, 413, 307]) expect([status, await kindOf(status)]).toEqual([status, "refused"]);
      for (const status of [408, 429, 500, 503]) expect([status, await kindOf(status)]).toEqual([status, "later"]);
    });

    it("[NOTE-14] passes on how long a service wants to be left alone, up to an hour", async () => {
      const { sender, subscribe, answerWith } = make();
      answerWith(429, { "retry-after": "120" });
      expect(await sender.send(subscribe(), push)).toMatchObject({ kind: "later", retryAfterMs: 120_000 });
      answerWith(503, { "retry-after": "999999" });
      expect(await sender.send(subscribe(), push)).toMatchObject({ kind: "later", retryAfterMs: 3_600_000 });
    });

    it("[NOTE-14] never throws: not where nobody listens, not where nobody answers, not with keys that are none", async () => {
      const { sender, subscribe, answerWith, pass, deadEndpoint } = make();
      expect((await sender.send({ ...subscribe(), endpoint: deadEndpoint }, push)).kind).toBe("later");
      expect((await sender.send({ ...subscribe(), p256dh: "AAAA" }, push)).kind).toBe("refused");
      expect((await sender.send({ ...subscribe(), endpoint: "not an address" }, push)).kind).toBe("refused");
      answerWith(undefined);
      const sending = sender.send(subscribe(), push);
      await pass(30_000);
      expect((await sending).kind).toBe("later");
    });

    it("[NOTE-16] says why an address is never used, and sends nothing there", async () => {
      const { sender, subscribe, listReceived } = make();
      const before = listReceived().length;
      for (const endpoint of [
        "https://127.0.0.1/x",
        "http://push.example/x",
        "ftp://push.example",
        "https://[::1]/x",
      ]) {
        expect([endpoint, sender.refusalOf(endpoint)]).toEqual([endpoint, expect.any(String)]);
        expect((await sender.send({ ...subscribe(), endpoint }, push)).kind).toBe("refused");
      }
      expect(sender.refusalOf("https://push.example/x")).toBeUndefined();
      expect(listReceived()).toHaveLength(before);
    });
  });
}
