import type { ErrorBody } from "@mirage/protocol/errors";
import type { Clock } from "../lib/clock.ts";
import { errorFromBody, RealtimeError } from "../lib/error.ts";

/** An upload may be slow; one without an answer after this has failed. */
const httpTimeoutMs = 60_000;

export interface HttpOptions {
  /** Address of the server; undefined: the page's own. */
  url: string | undefined;
  getToken: () => Promise<string>;
  clock: Clock;
}

/** Asks over HTTP what does not fit a socket's message. */
export class Http {
  readonly #options: HttpOptions;
  readonly #closing = new AbortController();

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /**
   * Answers a response that says yes.
   * @throws RealtimeError with the server's code, `unavailable` where it was not reached, `timeout`, or `closed`.
   */
  async fetch(path: string, init: RequestInit): Promise<Response> {
    const { url, clock } = this.#options;
    const deadline = new AbortController();
    const timer = clock.after(httpTimeoutMs, () => deadline.abort());
    try {
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${await this.#options.getToken()}`);
      const signal = AbortSignal.any([deadline.signal, this.#closing.signal]);
      const response = await fetch(url === undefined ? path : new URL(path, url), { ...init, headers, signal });
      if (response.ok) return response;
      throw await readRefusal(response);
    } catch (error) {
      if (error instanceof RealtimeError) throw error;
      if (this.#closing.signal.aborted) throw new RealtimeError("closed", "The client was closed");
      if (deadline.signal.aborted) throw new RealtimeError("timeout", "No answer in time");
      throw new RealtimeError("unavailable", "The server could not be reached");
    } finally {
      timer.cancel();
    }
  }

  close(): void {
    this.#closing.abort();
  }
}

async function readRefusal(response: Response): Promise<RealtimeError> {
  const body = (await response.json().catch(() => undefined)) as { error?: Partial<ErrorBody> } | undefined;
  return errorFromBody(body?.error);
}
