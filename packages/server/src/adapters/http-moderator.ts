/**
 * Asks a service by HTTP: `POST { roomId, documentId?, userId, username, content, kind }`, answered by
 * `200 { "allowed": boolean, "reason"?: string }`. Whatever else comes, or nothing in time, is a failure: the draft passes
 * (`open`) or is refused as `unavailable` (`closed`), so that nothing is lost and the client tries again.
 *
 *   closed circuit ── 3 failures in a row ──► broken for 10 s: fails at once ──► one draft tries ──► closed or broken again
 *
 * So a service that has died delays three messages, not every one.
 */
import { Refusal } from "@mirage/protocol";
import { z } from "zod";
import type { Clock } from "../ports/clock.ts";
import type { Draft, Moderator, ModeratorVerdict } from "../ports/moderator.ts";

export interface HttpModeratorOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
  readonly onFailure: "open" | "closed";
  readonly clock: Clock;
  /** Told of each failed request, for logs and metrics; never of what was asked. */
  readonly onFault?: (error: unknown) => void;
}

const failuresToBreak = 3;
const brokenMs = 10_000;
const maxAnswerBytes = 16 * 1024;
const answerSchema = z.object({ allowed: z.boolean(), reason: z.string().max(1_000).optional() });

export class HttpModerator implements Moderator {
  readonly name = "http";
  readonly #options: HttpModeratorOptions;
  #failures = 0;
  #brokenUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: HttpModeratorOptions) {
    this.#options = options;
  }

  async review(draft: Draft, signal: AbortSignal): Promise<ModeratorVerdict> {
    signal.throwIfAborted();
    if (this.#isBroken()) return this.#fallBack();
    try {
      const verdict = await this.#ask(draft, signal);
      this.#failures = 0;
      return verdict;
    } catch (error) {
      // The caller gave up: that says nothing about the service.
      signal.throwIfAborted();
      this.#countFailure();
      this.#options.onFault?.(error);
      return this.#fallBack();
    }
  }

  /** Once the time is over the first to ask tries, and the others go on as if broken until it knows. */
  #isBroken(): boolean {
    if (this.#failures < failuresToBreak) return false;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs < this.#brokenUntilMs) return true;
    this.#brokenUntilMs = nowMs + this.#options.timeoutMs;
    return false;
  }

  #countFailure(): void {
    this.#failures++;
    if (this.#failures >= failuresToBreak) this.#brokenUntilMs = this.#options.clock.monotonicMs() + brokenMs;
  }

  #fallBack(): ModeratorVerdict {
    if (this.#options.onFailure === "open") return { verdict: "allow", reason: "moderation unavailable" };
    const waitMs = Math.max(1_000, this.#brokenUntilMs - this.#options.clock.monotonicMs());
    throw new Refusal("unavailable", "Moderation is not available; try again later", { retryAfterMs: waitMs });
  }

  async #ask(
    { roomId, documentId, userId, username, content, kind }: Draft,
    signal: AbortSignal,
  ): Promise<ModeratorVerdict> {
    const { url, apiKey, timeoutMs } = this.#options;
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({ roomId, documentId, userId, username, content, kind }),
      // A redirect would carry people's words, and the key, to where nobody pointed.
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await readBounded(response);
    if (response.status !== 200) throw new Error(`the moderation service answered ${response.status}`);
    const { allowed, reason } = answerSchema.parse(JSON.parse(text));
    return { verdict: allowed ? "allow" : "refuse", ...(reason === undefined ? {} : { reason }) };
  }
}

/** Leaving the loop early closes the connection, so an endless answer costs no more than the bound. */
async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) throw new Error(`the moderation service answered more than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
