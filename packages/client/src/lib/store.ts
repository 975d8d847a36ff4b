import type { Clock, Timer } from "./clock.ts";

/**
 * A value that changes and says so; fits React's `useSyncExternalStore`.
 * `get` answers the same reference until the value has changed. Listeners are told that it changed, not how.
 */
export interface ReadonlyStore<T> {
  get(): T;
  /** Returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
}

/** Listeners of one thing; one that throws does not keep the others from being called. */
export class Listeners<Args extends unknown[] = []> {
  readonly #listeners = new Set<(...args: Args) => void>();

  add(listener: (...args: Args) => void): () => void {
    // A wrapper, so that the same function added twice is called twice and removed once.
    const own = (...args: Args) => listener(...args);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  tell(...args: Args): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...args);
      } catch (error) {
        reportFault(error);
      }
    }
  }
}

/** A store that is set from one place. */
export class Store<T> implements ReadonlyStore<T> {
  readonly #listeners = new Listeners();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.#listeners.tell();
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }
}

/**
 * A store whose value is computed when someone looks. Listeners are told at once, and then at most once in
 * `minIntervalMs`, so that a burst of events costs one rendering; `get` is never behind.
 */
export class DerivedStore<T> implements ReadonlyStore<T> {
  readonly #listeners = new Listeners();
  readonly #compute: () => T;
  readonly #clock: Clock;
  readonly #minIntervalMs: number;
  #value: { current: T } | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(compute: () => T, options: { clock: Clock; minIntervalMs: number }) {
    this.#compute = compute;
    this.#clock = options.clock;
    this.#minIntervalMs = options.minIntervalMs;
  }

  get(): T {
    this.#value ??= { current: this.#compute() };
    return this.#value.current;
  }

  /** Says that what the value is computed from has changed. */
  changed(): void {
    this.#value = undefined;
    if (this.#timer || this.#listeners.isEmpty) return;
    const waitMs = this.#toldAtMs + this.#minIntervalMs - this.#clock.monotonicMs();
    if (waitMs <= 0) this.#tell();
    else this.#timer = this.#clock.after(waitMs, () => this.#tell());
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  #tell(): void {
    this.#timer = undefined;
    this.#toldAtMs = this.#clock.monotonicMs();
    this.#listeners.tell();
  }
}

/** Hands a fault of someone else's callback to the platform, as an uncaught error of an event listener would be. */
function reportFault(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}
