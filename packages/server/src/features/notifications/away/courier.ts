import type { Outcome } from "./deliveries.policy.ts";
import type { ClaimedDelivery, DeliveryChannel } from "./deliveries.store.ts";

/** What became of one delivery. */
export interface Sent {
  outcome: Outcome;
  /** When it is to be tried again; absent: it is done with. */
  dueAtMs?: number;
  /** Absent: as they were. */
  attempts?: number;
  reachedIds?: readonly string[];
  /** It was about notifications up to this position. */
  lastSeq?: number;
}

/** Brings what is due by one channel to its people. */
export interface Courier {
  readonly channel: DeliveryChannel;
  /** Answers for each, in the same order; ends well before the lease of the deliveries does. */
  deliver(batch: readonly ClaimedDelivery[]): Promise<Sent[]>;
}
