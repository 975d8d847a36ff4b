/**
 * Shows, lists or closes what a service worker shows, one page or worker of this origin after the other: Chromium forgets
 * what is about to be shown when it is asked meanwhile what is. The app's worker takes the lock of this name, too.
 */
export function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  return navigator.locks.request("mirage:shown", work) as Promise<Result>;
}
