import type { Clock, Timer } from "../lib/clock.ts";
import type { Requests } from "./requests.ts";

/** The server gives a minute's notice: time for a few attempts. */
const retryMs = 10_000;

export interface TokenRenewalOptions {
  getToken: () => Promise<string>;
  requests: Pick<Requests, "call">;
  clock: Clock;
  isOnline: () => boolean;
}

/**
 * Replaces the connection's token before it expires, so that the connection goes on without a break.
 * Where that fails until the end the server closes the connection, and the next one starts with a new token.
 */
export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  #timer: Timer | undefined;
  /** Counts what was started: an answer for a former connection is worth nothing. */
  #run = 0;

  constructor(options: TokenRenewalOptions) {
    this.#options = options;
  }

  start(): void {
    this.close();
    const run = this.#run;
    const again = () => {
      if (run !== this.#run) return;
      this.#timer = this.#options.clock.after(retryMs, () => this.start());
    };
    Promise.resolve()
      .then(this.#options.getToken)
      .then((token) => {
        if (run !== this.#run || !this.#options.isOnline()) return;
        this.#options.requests.call("auth_refresh", { token }, (outcome) => {
          if (!outcome.ok && outcome.error.retryable) again();
        });
      })
      .catch(again);
  }

  close(): void {
    this.#run += 1;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
