import { messages, Refusal } from "@mirage/protocol";
import type { Draft, Moderator } from "../../ports/moderator.ts";

/** Throws a `Refusal` unless every moderator allows the draft. */
export type Moderate = (draft: Draft, signal: AbortSignal) => Promise<void>;

export interface ModerationOptions {
  /** Asked one after the other, cheapest first: what one refuses the next never sees. */
  readonly moderators: readonly Moderator[];
  /** Says who refused and why, for logs and metrics; the draft's text is not for logs. */
  readonly onRefused?: (refused: { moderator: string; reason: string | undefined; draft: Draft }) => void;
}

/** The chain before the commit. Whatever way a moderator fails, nothing that it had to judge is committed. */
export function createModeration({ moderators, onRefused }: ModerationOptions): Moderate {
  return async (draft, signal) => {
    for (const moderator of moderators) {
      const { verdict, reason } = await moderator.review(draft, signal);
      if (verdict === "allow") continue;
      onRefused?.({ moderator: moderator.name, reason, draft });
      throw new Refusal("moderated", messages.moderated);
    }
  };
}
