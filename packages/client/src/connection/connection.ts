import type { Clock, Timer } from "../lib/clock.ts";
import { RealtimeError } from "../lib/error.ts";
import { type ReadonlyStore, Store } from "../lib/store.ts";
import type { ConnectionState, ConnectionUser } from "./connection-state.ts";
import { type Effect, type MachineEvent, type MachineState, next, type TimerName } from "./machine.ts";
import { readTokenUser } from "./token.ts";
import type { Link, LinkObserver, Transport } from "./transport.ts";

export interface ConnectionOptions {
  transport: Transport;
  getToken: () => Promise<string>;
  /** Who the tokens must be for, where that is known beforehand. */
  userId: string | undefined;
  clock: Clock;
  random: () => number;
}

export interface ConnectionObserver {
  /** A token named its user; before the first `opened`, and once. */
  identified(userId: string): void;
  opened(): void;
  /** What was asked and not answered never will be. */
  lost(): void;
  event(name: string, payload: unknown): void;
}

/** Runs the machine: carries out its effects and feeds it what happens. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #observer: ConnectionObserver;
  readonly #store = new Store<ConnectionState>({ status: "idle", everConnected: false });
  #machine: MachineState = { status: "idle" };
  #link: Link | undefined;
  #timer: Timer | undefined;
  #user: ConnectionUser | undefined;
  #userId: string | undefined;
  #everConnected = false;
  #isIdentified = false;

  constructor(options: ConnectionOptions, observer: ConnectionObserver) {
    this.#options = options;
    this.#observer = observer;
    this.#userId = options.userId;
  }

  get state(): ReadonlyStore<ConnectionState> {
    return this.#store;
  }

  get isOnline(): boolean {
    return this.#machine.status === "online";
  }

  /** Sends over the open link; call it only while online. */
  send(name: string, payload: unknown, answer: (reply: unknown) => void): void {
    if (!this.#link) throw new RealtimeError("disconnected", "Not connected");
    this.#link.send(name, payload, answer);
  }

  handle(event: MachineEvent): void {
    const before = this.#machine;
    const { state, effects } = next(before, event, {
      nowMs: this.#options.clock.monotonicMs(),
      random: this.#options.random,
    });
    this.#machine = state;
    if (state.status !== before.status) this.#stopTimer();
    for (const effect of effects) this.#run(effect);
    if (before.status === "online" && state.status !== "online") this.#observer.lost();
    if (state !== before) this.#show(state);
    // Someone who was shown the state may have closed the connection by now.
    if (before.status !== "online" && this.#machine === state && this.isOnline) this.#observer.opened();
  }

  #run(effect: Effect): void {
    switch (effect.do) {
      case "fetch_token":
        this.#fetchToken();
        break;
      case "open_link":
        this.#openLink(effect.token);
        break;
      case "close_link":
        this.#link?.close();
        this.#link = undefined;
        break;
      case "set_timer":
        this.#setTimer(effect.name, effect.afterMs);
        break;
    }
  }

  #fetchToken(): void {
    // An answer counts only for the attempt that asked: an attempt is over when its state has changed.
    const asking = this.#machine;
    const answer = (event: MachineEvent) => {
      if (this.#machine === asking) this.handle(event);
    };
    Promise.resolve()
      .then(this.#options.getToken)
      .then(
        (token) => answer(this.#identify(token)),
        (error: unknown) => {
          const isFinal = error instanceof RealtimeError && error.code === "unauthenticated";
          answer({ type: "token_failed", ...(isFinal ? { reason: "unauthenticated" } : {}) });
        },
      );
  }

  #identify(token: string): MachineEvent {
    const user = readTokenUser(token);
    if (user && this.#userId !== undefined && user.userId !== this.#userId) {
      return { type: "token_failed", reason: "user_changed" };
    }
    this.#user = user ?? this.#user;
    this.#userId ??= user?.userId;
    if (this.#userId !== undefined && !this.#isIdentified) {
      this.#isIdentified = true;
      this.#observer.identified(this.#userId);
    }
    return { type: "token", token };
  }

  #openLink(token: string): void {
    let opening: Link | undefined;
    let isOver = false;
    const isCurrent = () => !isOver && (opening === undefined || opening === this.#link);
    const observer: LinkObserver = {
      opened: () => isCurrent() && this.handle({ type: "opened" }),
      refused: (refusal) => {
        if (!isCurrent()) return;
        isOver = true;
        this.handle({ type: "link_refused", refusal });
      },
      lost: () => {
        if (!isCurrent()) return;
        isOver = true;
        this.handle({ type: "lost" });
      },
      event: (name, payload) => isCurrent() && this.#observer.event(name, payload),
    };
    opening = this.#options.transport.open(token, observer);
    if (isOver) opening.close();
    else this.#link = opening;
  }

  #setTimer(name: TimerName, afterMs: number): void {
    this.#stopTimer();
    this.#timer = this.#options.clock.after(afterMs, () => {
      this.#timer = undefined;
      this.handle({ type: "timer", name });
    });
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #show(state: MachineState): void {
    if (state.status === "online") this.#everConnected = true;
    const user = this.#user;
    this.#store.set({
      status: state.status,
      everConnected: this.#everConnected,
      ...(state.status === "waiting" ? { retryAt: this.#options.clock.now() + state.delayMs } : {}),
      ...(state.status === "refused" ? { reason: state.reason } : {}),
      ...(user ? { user } : {}),
    });
  }
}
