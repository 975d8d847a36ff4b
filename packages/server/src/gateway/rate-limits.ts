import {
  type CommandName,
  type CommandReply,
  commands,
  type LimitClass,
  limitClasses,
  messages,
  Refusal,
} from "@mirage/protocol";
import type { Settings } from "../config/settings.ts";
import { TokenBucket } from "../lib/token-bucket.ts";
import { WindowCounter } from "../lib/window-counter.ts";
import type { Clock } from "../ports/clock.ts";

export interface RateLimitsOptions {
  settings: Pick<Settings, "eventsPerSecond" | "chatPerMinute">;
  clock: Clock;
  /** Told the kind of limit at each refusal. */
  onLimited?: (limit: LimitClass | "event") => void;
}

type Result = CommandReply<CommandName> | Refusal | undefined;

/**
 * How often one may ask: a ceiling on all events of a connection, and a limit for each kind of command and user that
 * the socket and REST share. Answers at once and waits for nothing, so that events keep their order.
 */
export class RateLimits {
  readonly #options: RateLimitsOptions;
  readonly #counters = new Map<LimitClass, WindowCounter>();

  constructor(options: RateLimitsOptions) {
    this.#options = options;
    const { eventsPerSecond, chatPerMinute } = options.settings;
    if (eventsPerSecond > 0) {
      for (const [name, allowance] of Object.entries(limitClasses)) {
        if (allowance !== undefined) this.#counters.set(name as LimitClass, new WindowCounter(allowance));
      }
    }
    if (chatPerMinute > 0) {
      this.#counters.set("message", new WindowCounter({ points: chatPerMinute, windowMs: 60_000 }));
    }
  }

  /** The ceiling of a new connection; undefined where there is none. */
  openBucket(): TokenBucket | undefined {
    const { settings, clock } = this.#options;
    if (settings.eventsPerSecond <= 0) return undefined;
    const rate = { perSecond: settings.eventsPerSecond, capacity: settings.eventsPerSecond * 2 };
    return new TokenBucket(rate, clock.monotonicMs());
  }

  /** Counts one event of a connection. Returns the refusal when it is one too many. */
  spendEvent(bucket: TokenBucket | undefined): Refusal | undefined {
    const retryAfterMs = bucket?.take(this.#options.clock.monotonicMs()) ?? 0;
    return retryAfterMs === 0 ? undefined : this.#refuse("event", retryAfterMs);
  }

  /** Counts one command of a user. Returns the refusal when it is one too many. */
  spend(userId: string, name: CommandName, nowMs = this.#options.clock.monotonicMs()): Refusal | undefined {
    return this.spendKind(userId, commands[name].limit, nowMs);
  }

  /** Counts something of a user that is no command. */
  spendKind(userId: string, limit: LimitClass, nowMs = this.#options.clock.monotonicMs()): Refusal | undefined {
    const retryAfterMs = this.#counters.get(limit)?.take(userId, nowMs) ?? 0;
    return retryAfterMs === 0 ? undefined : this.#refuse(limit, retryAfterMs);
  }

  /**
   * Says what became of a command that was counted at `spentAtMs`. `CHAT_RATE_LIMIT` is about messages that are posted, so
   * a repeat that is answered from the store and a refusal give their point back; not what moderators refused, who are
   * asked at a cost and are not there to be probed. Every other limit is about the asking.
   */
  settle(name: CommandName, spent: { userId: string; spentAtMs: number }, result: Result): void {
    if (commands[name].limit !== "message" || !isFree(result)) return;
    this.#counters.get("message")?.giveBack(spent.userId, spent.spentAtMs);
  }

  #refuse(limit: LimitClass | "event", retryAfterMs: number): Refusal {
    this.#options.onLimited?.(limit);
    return new Refusal("rate_limited", messages.rateLimited, { retryAfterMs });
  }
}

function isFree(result: Result): boolean {
  if (result instanceof Refusal) return result.code !== "moderated";
  return result !== undefined && "duplicate" in result && result.duplicate === true;
}
