import type { PresenceStatus } from "@mirage/protocol";

/** How people appear to others. Whoever is invisible appears as if they were not there, in everything that is told. */
export interface PresenceView {
  /** What others see; `offline` for whoever is not here, or does not want to be. */
  statusOf(userId: string): PresenceStatus;
  /** The same, for an answer: whoever has it hears of it should that change back before anybody was told. */
  showStatus(userId: string): PresenceStatus;
  /** Whether somebody who is here has chosen not to be seen. */
  isInvisible(userId: string): boolean;
  /** People of a room who are here and may be seen, as far as this node has heard. */
  listHere(roomId: string): string[];
}
