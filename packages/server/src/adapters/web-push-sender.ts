/** Web push: encrypted for the browser (RFC 8291), signed with our key (RFC 8292), handed to its push service (RFC 8030). */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import webPush from "web-push";
import type { Clock } from "../ports/clock.ts";
import type { Push, PushSender, PushSubscription } from "../ports/push-sender.ts";
import type { SendResult } from "../ports/send-result.ts";
import { type Target, type TargetGuard, TargetRefused } from "./target-guard.ts";

export interface WebPushOptions {
  keys: { publicKey: string; privateKey: string };
  /** Whom push services may write to: `mailto:` or `https:`. */
  subject: string;
  guard: TargetGuard;
  clock: Clock;
}

/** A whole request, name resolution included. */
const timeoutMs = 10_000;
/** How long a push service keeps what it cannot deliver. */
const keptSeconds = 24 * 60 * 60;
const longestRetryAfterMs = 60 * 60_000;

export class WebPushSender implements PushSender {
  readonly publicKey: string;
  readonly #options: WebPushOptions;

  constructor(options: WebPushOptions) {
    this.#options = options;
    this.publicKey = options.keys.publicKey;
  }

  refusalOf(endpoint: string): string | undefined {
    const { guard } = this.#options;
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    if (url?.username !== "" || url.password !== "") return "not the address of a push service";
    const target = targetOf(url);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && guard.isAllowed(target))) {
      return "a push service has an https address";
    }
    return guard.isPrivateLiteral(target) ? "the address is not a public one" : undefined;
  }

  async send(subscription: PushSubscription, push: Push): Promise<SendResult> {
    const refusal = this.refusalOf(subscription.endpoint);
    if (refusal !== undefined) return { kind: "refused", reason: refusal };
    let body: { headers: Record<string, string>; content: Buffer };
    try {
      body = this.#seal(subscription, push);
    } catch {
      return { kind: "refused", reason: "the keys of the device are not valid" };
    }
    try {
      return resultOf(await this.#post(new URL(subscription.endpoint), body), this.#options.clock.now());
    } catch (error) {
      if (error instanceof TargetRefused) return { kind: "refused", reason: error.message };
      return { kind: "later", reason: codeOf(error) };
    }
  }

  #seal({ endpoint, p256dh, auth }: PushSubscription, { payload, topic, isUrgent }: Push) {
    const { keys, subject } = this.#options;
    const { headers, body } = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payload, {
      vapidDetails: { subject, ...keys },
      TTL: keptSeconds,
      topic,
      urgency: isUrgent ? "high" : "normal",
    });
    return { headers, content: body };
  }

  /** Follows no redirect: it would lead to where nobody looked. */
  #post(url: URL, { headers, content }: { headers: Record<string, string>; content: Buffer }) {
    const { guard, clock } = this.#options;
    const abort = new AbortController();
    const timer = clock.after(timeoutMs, () => abort.abort(new Error("time-out")));
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = send(
        url,
        { method: "POST", headers, lookup: guard.lookupFor(targetOf(url)), signal: abort.signal },
        (response) => {
          // Nothing in the body is of use, and it may be endless.
          response.destroy();
          resolve(response);
        },
      );
      request.on("error", (error) => reject(abort.signal.aborted ? abort.signal.reason : error));
      request.end(content);
    }).finally(() => timer.cancel());
  }
}

function targetOf(url: URL): Target {
  return { host: url.hostname, port: Number(url.port || (url.protocol === "https:" ? 443 : 80)) };
}

function resultOf({ statusCode = 0, headers }: IncomingMessage, nowMs: number): SendResult {
  const reason = `the push service answered ${statusCode}`;
  if (statusCode >= 200 && statusCode < 300) return { kind: "taken" };
  if (statusCode === 404 || statusCode === 410) return { kind: "gone", reason };
  if (statusCode !== 429 && statusCode !== 408 && statusCode < 500) return { kind: "refused", reason };
  const retryAfterMs = retryAfterOf(headers["retry-after"], nowMs);
  return { kind: "later", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfterOf(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), longestRetryAfterMs);
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return `no answer (${error.code})`;
  return error instanceof Error && error.message === "time-out" ? "no answer in time" : "no answer";
}
