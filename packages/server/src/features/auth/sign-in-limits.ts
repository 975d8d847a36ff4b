import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { usernameKey } from "../../lib/username-key.ts";

const minute = 60;

/**
 * How often one may try to sign in. The limit per account and address stops guessing and cannot lock anybody out from
 * elsewhere; those per address are wide, since many people share one. `hasAddressLimits` false leaves only the first.
 */
export class SignInLimits {
  readonly #guesses = new RateLimiterMemory({ points: 10, duration: 15 * minute });
  readonly #signIns = new RateLimiterMemory({ points: 300, duration: 15 * minute });
  readonly #newAccounts = new RateLimiterMemory({ points: 100, duration: 10 * minute });
  readonly #guests = new RateLimiterMemory({ points: 300, duration: 10 * minute });
  readonly #hasAddressLimits: boolean;

  constructor(options: { hasAddressLimits: boolean }) {
    this.#hasAddressLimits = options.hasAddressLimits;
  }

  /** Counts a try with a password; milliseconds to wait, or `undefined` to go on. */
  async trySignIn(username: string, address: string): Promise<number | undefined> {
    return (await this.#tryAddress(this.#signIns, address)) ?? consume(this.#guesses, guessKey(username, address));
  }

  /** The password was right: earlier slips count no more. */
  async forgetGuesses(username: string, address: string): Promise<void> {
    await this.#guesses.delete(guessKey(username, address));
  }

  tryNewAccount(address: string): Promise<number | undefined> {
    return this.#tryAddress(this.#newAccounts, address);
  }

  tryGuest(address: string): Promise<number | undefined> {
    return this.#tryAddress(this.#guests, address);
  }

  async #tryAddress(limiter: RateLimiterMemory, address: string): Promise<number | undefined> {
    return this.#hasAddressLimits ? consume(limiter, address) : undefined;
  }
}

function guessKey(username: string, address: string): string {
  return `${usernameKey(username.slice(0, 64))}|${address}`;
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(1, error.msBeforeNext);
    throw error;
  }
}
