import type { OwnPresence, PresenceStatus } from "@mirage/protocol";

/** What a presence run writes down: what people did, and what each of their devices was shown. Times are monotonic ms. */

/** One connection of a person, from the call that asked for it. */
export interface Stay {
  node: number;
  askedAtMs: number;
  /** Absent: it was never accepted. */
  openedAtMs?: number;
  endedAtMs?: number;
  /** Its node was killed under it. */
  wasKilled?: boolean;
}

/** Something that a person chose to show. */
export interface Chosen {
  askedAtMs: number;
  /** Absent: nobody knows whether it counts. */
  ackedAtMs?: number;
  choice: Pick<OwnPresence, "status" | "text" | "emoji">;
}

export interface Life {
  userId: string;
  roomIds: readonly string[];
  /**
   * Chose to be invisible before anybody shared a room with them, and stays so: nothing of them may be shown, but that they
   * are not here and were last seen before that. Milliseconds since 1970.
   */
  ghostSince: number | undefined;
  stays: Stay[];
  choices: Chosen[];
}

/** Something that one connection was shown of somebody else. */
export interface Sight {
  atMs: number;
  /** Whose device saw it, and which connection of it. */
  by: string;
  connection: string;
  about: string;
  /** An event by its name, or `answer`. */
  what: "presence_changed" | "user_online" | "user_offline" | "user_joined_room" | "user_left_room" | "answer";
  status?: PresenceStatus | undefined;
  text?: string | undefined;
  emoji?: string | undefined;
  lastSeen?: string | undefined;
}

export interface PresenceHistory {
  lives: readonly Life[];
  sights: readonly Sight[];
  /** When a node was killed, and who had nothing else than connections to it and stayed away. */
  kills: readonly { atMs: number; node: number; lostIds: readonly string[] }[];
  endedAtMs: number;
}
