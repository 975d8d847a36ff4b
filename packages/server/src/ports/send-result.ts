/** What became of handing something to a service outside. `reason` is for people and logs, and holds no secret. */
export type SendResult =
  | { kind: "taken" }
  /** Nobody is there any more, and never will be. */
  | { kind: "gone"; reason: string }
  /** Sending the same again is useless. */
  | { kind: "refused"; reason: string }
  /**
   * Sending it again helps, not before `retryAfterMs` where the service says so. `isOutage`: nothing can be sent at all, which
   * says nothing of this one.
   */
  | { kind: "later"; reason: string; retryAfterMs?: number; isOutage?: true };
