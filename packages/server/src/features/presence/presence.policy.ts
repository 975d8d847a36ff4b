import type { OwnPresence, Presence, PresenceStatus } from "@mirage/protocol";

/** What a person wants others to see. */
export interface Choice {
  /** `online` leaves it to whether somebody sits at a connection; `offline` is invisible. */
  readonly status: PresenceStatus;
  readonly text: string | undefined;
  readonly emoji: string | undefined;
  /** Milliseconds since 1970; absent: until another choice. */
  readonly expiresAt: number | undefined;
}

/** Whether a person has a connection, and somebody sits at it. */
export type Activity = "online" | "away" | "gone";

export interface Facts {
  readonly userId: string;
  readonly username: string;
  readonly choice: Choice;
  readonly activity: Activity;
  /** When others last saw them, in milliseconds since 1970. */
  readonly lastSeenAt: number | undefined;
}

/** Who chose nothing is seen as they are. One for all, because most people choose nothing. */
export const noChoice: Choice = Object.freeze({
  status: "online",
  text: undefined,
  emoji: undefined,
  expiresAt: undefined,
});

/** What still counts of a choice. */
export function choiceAt(choice: Choice, now: number): Choice {
  return choice.expiresAt !== undefined && choice.expiresAt <= now ? noChoice : choice;
}

/** Of several devices the most active one counts. */
export function mostActive(one: Activity, other: Activity): Activity {
  if (one === "online" || other === "online") return "online";
  return one === "away" || other === "away" ? "away" : "gone";
}

/** What others see: a choice goes before what is observed, and only whoever is here shows one. */
export function statusSeen({ choice, activity }: Pick<Facts, "choice" | "activity">): PresenceStatus {
  if (activity === "gone") return "offline";
  return choice.status === "online" ? activity : choice.status;
}

/** A person as others see them: whoever is invisible looks like whoever is not there. */
export function lookOf(facts: Facts): Presence {
  const { userId, username, choice, lastSeenAt } = facts;
  const status = statusSeen(facts);
  if (status !== "offline") return { userId, username, status, ...wordsOf(choice) };
  return {
    userId,
    username,
    status,
    ...(lastSeenAt === undefined ? {} : { lastSeen: new Date(lastSeenAt).toISOString() }),
  };
}

/** A person as they see themselves on their other devices. */
export function selfLookOf(facts: Facts): Presence {
  const { userId, username, choice } = facts;
  return { userId, username, status: statusSeen(facts), ...wordsOf(choice) };
}

/** What a person is answered to their choice. */
export function ownPresenceOf(facts: Facts): OwnPresence {
  const { expiresAt } = facts.choice;
  return {
    ...selfLookOf(facts),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
}

/** Whether two choices say the same words. */
export function hasSameWords(one: Choice, other: Choice): boolean {
  return one.text === other.text && one.emoji === other.emoji;
}

function wordsOf({ text, emoji }: Choice): { text?: string; emoji?: string } {
  return { ...(text === undefined ? {} : { text }), ...(emoji === undefined ? {} : { emoji }) };
}
