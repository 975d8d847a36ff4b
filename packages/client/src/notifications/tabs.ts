import type { Clock } from "../lib/clock.ts";

/** A claim is kept until every other tab has heard of the same thing. */
const claimKeptMs = 30_000;
/** Without locks, whoever looks at the room gets this much of a head start to keep it silent. */
const headStartMs = 200;

/** What the tabs of one browser settle between them. */
export interface Tabs {
  /** Says that this tab is looked at, and at what; undefined: it is not looked at. */
  look(subject: string | undefined): void;
  /** Whether any tab is looked at with this subject in view. */
  isLookedAt(subject: string): Promise<boolean>;
  /** True for one tab and each thing, whoever asks first; false for all others. */
  claim(thing: string): Promise<boolean>;
  close(): void;
}

/**
 * Tabs that settle it by Web Locks: a tab that freezes or closes never holds up the others, since each thing is claimed
 * anew. `name` keeps people and apps apart.
 */
export function openLockedTabs(name: string, { locks, clock }: { locks: LockManager; clock: Clock }): Tabs {
  const closing = new AbortController();
  let letGo: () => void = () => undefined;
  const lookName = (subject: string) => `${name}:look:${subject}`;
  return {
    look(subject) {
      letGo();
      if (subject === undefined) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      letGo = resolve;
      locks.request(lookName(subject), { mode: "shared" }, () => promise).catch(ignoreEnd);
    },
    async isLookedAt(subject) {
      const { held = [] } = await locks.query();
      return held.some((lock) => lock.name === lookName(subject));
    },
    claim(thing) {
      return new Promise((answer) => {
        const hold = (lock: Lock | null) => {
          answer(lock !== null);
          if (!lock) return;
          return new Promise<void>((release) => {
            const timer = clock.after(claimKeptMs, release);
            closing.signal.addEventListener("abort", () => {
              timer.cancel();
              release();
            });
          });
        };
        locks.request(`${name}:claim:${thing}`, { ifAvailable: true }, hold).catch(() => answer(false));
      });
    },
    close() {
      letGo();
      closing.abort();
    },
  };
}

/** Where tabs without locks leave each other notes. */
export type ClaimStorage = Pick<Storage, "getItem" | "setItem">;

/** Tabs without locks, as pages without TLS have them: they leave each other notes in the storage. */
export function openStoredTabs(name: string, { storage, clock }: { storage: ClaimStorage; clock: Clock }): Tabs {
  const key = `${name}:claimed`;
  let looked: string | undefined;
  return {
    look(subject) {
      looked = subject;
    },
    isLookedAt: async (subject) => looked === subject,
    async claim(thing) {
      if (looked === undefined) await new Promise<void>((resolve) => clock.after(headStartMs, resolve));
      // The last few are enough: all tabs hear of one thing within moments.
      const claimed = (storage.getItem(key) ?? "").split(" ").slice(-20);
      if (claimed.includes(thing)) return false;
      storage.setItem(key, [...claimed, thing].join(" "));
      return true;
    },
    close: () => undefined,
  };
}

// A lock's promise ends with its page.
function ignoreEnd(): void {
  return;
}
