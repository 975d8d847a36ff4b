import type { OwnPresence, Presence, PresenceStatus } from "@mirage/protocol";
import type { ReadonlyStore } from "../lib/store.ts";

/** What a person wants others to see of them; what is left out is cleared. */
export interface PresenceChoice {
  /** `offline` is invisible: here, and to others as if not. */
  status: PresenceStatus;
  /** At most 100 code points, one line. */
  text?: string;
  /** One emoji or a `:name:`. */
  emoji?: string;
  /** When it clears by itself: ISO 8601, in the future. */
  expiresAt?: string;
}

/** Who is here, and what they want others to see. */
export interface PresenceHandle {
  /**
   * What is known of people, oneself among them, by user id. The server tells of those one shares a room of at most 200
   * with, and of those who are watched; of others nothing is known. After a loss of the connection it is what was known
   * before, until the server has answered.
   */
  readonly people: ReadonlyStore<ReadonlyMap<string, Presence>>;
  /**
   * Follows these people until every watcher has called what this returns. For the people on a screen: of more than 500
   * the newest are followed.
   */
  watch(userIds: readonly string[]): () => void;
  /**
   * Chooses what others see, on all devices, until another choice.
   * @throws RealtimeError `bad_request` for what cannot be shown, or as any request.
   */
  choose(choice: PresenceChoice): Promise<OwnPresence>;
  /**
   * What one has chosen, with when it clears by itself, which nobody else is told. Whoever asks sits at this device.
   * @throws RealtimeError as any request.
   */
  getOwn(): Promise<OwnPresence>;
  /** Says whether somebody sits at this device. It overwrites no choice, and may be called often. */
  setAway(isAway: boolean): void;
}
