import type { Clock, Timer } from "../lib/clock.ts";

/** A tab that died is taken for dead after this. */
const leaseMs = 6_000;
const renewEveryMs = 2_000;

/** One record that all tabs share; both calls are atomic. */
export interface LeaseStore {
  /** Takes or renews the lease, if it is free, expired or one's own. Times are milliseconds since 1970. */
  tryTake(ownerId: string, now: number, expiresAt: number): Promise<boolean>;
  release(ownerId: string): Promise<void>;
}

export interface LeaseOptions {
  store: LeaseStore;
  clock: Clock;
  ownerId: string;
}

/**
 * Runs while this tab holds the lease; waits for it first.
 * A tab that stands still for longer than the lease may meet another one: what is done under it must bear repetition.
 */
export async function holdLease(options: LeaseOptions, run: () => Promise<void>): Promise<void> {
  const { store, clock, ownerId } = options;
  const take = () => store.tryTake(ownerId, clock.now(), clock.now() + leaseMs);
  while (!(await take())) await new Promise<void>((resolve) => clock.after(renewEveryMs, resolve));
  let timer: Timer | undefined;
  const renew = () => {
    timer = clock.after(renewEveryMs, () => {
      take().then(renew, renew);
    });
  };
  renew();
  try {
    await run();
  } finally {
    timer?.cancel();
    await store.release(ownerId);
  }
}
