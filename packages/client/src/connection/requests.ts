import type { CommandInput, CommandName, CommandReply } from "@mirage/protocol";
import type { ErrorBody } from "@mirage/protocol/errors";
import type { Clock, Timer } from "../lib/clock.ts";
import { errorFromBody, RealtimeError } from "../lib/error.ts";

/** A request without an answer after this has failed. */
const requestTimeoutMs = 10_000;

/** How a request ended. */
export type Outcome<Name extends CommandName> =
  | { ok: true; reply: CommandReply<Name> }
  | { ok: false; error: RealtimeError };

interface Pending {
  fail(error: RealtimeError): void;
  transmit(): void;
  isSent: boolean;
}

export interface RequestsOptions {
  clock: Clock;
  isOnline: () => boolean;
  send: (name: string, payload: unknown, answer: (reply: unknown) => void) => void;
}

/** Pairs commands with their answers: every one ends, by an answer, the loss of the connection or the clock. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #pending = new Set<Pending>();
  #isClosed = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** Waits for a connection where there is none. */
  ask<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandReply<Name>> {
    return new Promise((resolve, reject) => {
      this.call(name, input, (outcome) => (outcome.ok ? resolve(outcome.reply) : reject(outcome.error)));
    });
  }

  /**
   * Like `ask`, but `done` runs in the very moment the answer comes in, before any event behind it: what decides about
   * positions must not be overtaken by them, as the continuation of a promise would be.
   */
  call<Name extends CommandName>(name: Name, input: CommandInput<Name>, done: (outcome: Outcome<Name>) => void): void {
    if (this.#isClosed) {
      done({ ok: false, error: new RealtimeError("closed", "The client was closed") });
      return;
    }
    let timer: Timer | undefined;
    const settle = (outcome: Outcome<Name>) => {
      if (!this.#pending.delete(pending)) return;
      timer?.cancel();
      done(outcome);
    };
    const pending: Pending = {
      isSent: false,
      fail: (error) => settle({ ok: false, error }),
      transmit: () => {
        pending.isSent = true;
        this.#options.send(name, input, (answer) => settle(readAnswer<Name>(answer)));
      },
    };
    this.#pending.add(pending);
    timer = this.#options.clock.after(requestTimeoutMs, () =>
      pending.fail(new RealtimeError("timeout", "No answer in time")),
    );
    if (this.#options.isOnline()) pending.transmit();
  }

  /** The connection is there: what waited for it goes out, in order. */
  opened(): void {
    for (const pending of [...this.#pending]) if (!pending.isSent) pending.transmit();
  }

  /** The connection is gone: what was sent over it fails; what was not sent goes on waiting. */
  lost(): void {
    for (const pending of [...this.#pending]) {
      if (pending.isSent) pending.fail(new RealtimeError("disconnected", "The connection was lost"));
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const pending of [...this.#pending]) pending.fail(new RealtimeError("closed", "The client was closed"));
  }
}

function readAnswer<Name extends CommandName>(answer: unknown): Outcome<Name> {
  const body = answer as { ok?: unknown; error?: Partial<ErrorBody> } | null | undefined;
  if (body?.ok === true) return { ok: true, reply: answer as CommandReply<Name> };
  return { ok: false, error: errorFromBody(body?.error) };
}
