import { eventually, FakeClock, findFreePort, type PushEndpoint, startPushEndpoint } from "@mirage/testing";
import { afterAll, beforeAll } from "vitest";
import webPush from "web-push";
import { describePushSender } from "../ports/push-sender.contract.ts";
import { TargetGuard } from "./target-guard.ts";
import { WebPushSender } from "./web-push-sender.ts";

let service: PushEndpoint;
let deadTarget: string;
let deviceCount = 0;

beforeAll(async () => {
  service = await startPushEndpoint();
  deadTarget = `127.0.0.1:${await findFreePort()}`;
});
afterAll(() => service?.close());

describePushSender("web push", () => {
  const clock = new FakeClock();
  const sender = new WebPushSender({
    keys: webPush.generateVAPIDKeys(),
    subject: "mailto:ops@example.com",
    guard: new TargetGuard([service.target, deadTarget]),
    clock,
  });
  return {
    sender,
    deadEndpoint: `http://${deadTarget}/x`,
    subscribe() {
      const { endpoint, keys } = service.subscribe(`device ${++deviceCount}`);
      return { endpoint, ...keys };
    },
    answerWith(status, headers = {}) {
      service.answer = (_request, response) => void (status && response.writeHead(status, headers).end());
    },
    listReceived: () =>
      service.received.map(({ payload, headers }) => ({
        payload,
        topic: headers.topic as string | undefined,
        urgency: headers.urgency as string | undefined,
      })),
    async pass(ms) {
      await eventually(() => clock.timerCount > 0);
      await clock.advanceAsync(ms);
    },
  };
});
