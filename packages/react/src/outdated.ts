import type { ReadonlyStore } from "@mirage/client";

/** Fewer failures than this may be a server that is just starting again. */
const leastFailures = 4;
/** A server that takes longer is not there. */
const answerWithinMs = 5_000;

const listeners = new Set<() => void>();
let isOutdated = false;

/** Whether the server has a newer app, without parts that this page still wants; until somebody has taken note of it. */
export const outdated: ReadonlyStore<boolean> & { set(value: boolean): void } = {
  get: () => isOutdated,
  set(value) {
    isOutdated = value;
    for (const listener of listeners) listener();
  },
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/**
 * Makes what is called after each failure to load one part of the app. It tells, once, when the part is gone for good: when
 * it fails again and again although the server answers, before a try and after it.
 */
export function watchForGone(tell: () => void, doesAnswer = askForPage): () => Promise<void> {
  let failures = 0;
  let didAnswer = false;
  let isTold = false;
  return async () => {
    failures++;
    if (isTold) return;
    const answeredBefore = didAnswer;
    didAnswer = await doesAnswer();
    isTold = failures >= leastFailures && answeredBefore && didAnswer;
    if (isTold) tell();
  };
}

/** Whether whoever serves this page can be reached, and says something about it. */
async function askForPage(): Promise<boolean> {
  const options = { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(answerWithinMs) } as const;
  return await fetch(window.location.href, options).then(
    ({ status }) => status < 500,
    () => false,
  );
}
